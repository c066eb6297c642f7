extension PlanDecoder {
    /// Reads which targets are meant: exactly one of `targets`, `channelTypes` and `allTargets: true`.
    static func selection(_ reader: JSONReader, _ transform: Transform) throws(Refusal) -> PlanRequest.Selection {
        let all = try reader.optionalBool("allTargets") ?? false
        let targets = try reader.optionalArray("targets")
        let channels = try reader.optionalStrings("channelTypes")
        switch (targets, channels, all) {
        case (let targets?, nil, false) where !targets.isEmpty:
            return .targets(try references(targets, transform))
        case (nil, let channels?, false) where !channels.isEmpty:
            return .channels(try channelTypes(channels, reader, "channelTypes"))
        case (nil, nil, true):
            return .all
        default:
            throw Refusal(
                .targetsRequired, "A plan needs exactly one of targets, channelTypes and allTargets, and not empty.",
                remediation: Remediation.sentence(for: .targetsRequired))
        }
    }

    /// Sorted, each once.
    static func channelTypes(
        _ names: [String], _ reader: JSONReader, _ field: String
    ) throws(Refusal) -> [ChannelType] {
        var channels: Set<ChannelType> = []
        for name in names {
            guard let channel = ChannelType(rawValue: name) else {
                throw reader.refusal(field, "must hold names of channels (lowercase letters, digits, hyphens)")
            }
            channels.insert(channel)
        }
        return channels.sorted()
    }

    /// Reads a transform whose absent fields come from `base`; `excerptOnly` can be added but never taken back.
    static func transform(_ reader: JSONReader?, over base: Transform) throws(Refusal) -> Transform {
        guard let reader else { return base }
        try reader.refuseUnknown(allowed: [
            "outputFormat", "maxLength", "includeCanonicalUrl", "includeAttribution", "excerptOnly",
        ])
        if reader.has("maxLength") { throw notSupported(reader, "maxLength", "is not supported yet") }
        var transform = base
        if let name = try reader.optionalString("outputFormat") {
            guard let format = Transform.OutputFormat(rawValue: name) else {
                throw notSupported(reader, "outputFormat", "can only be markdown for now")
            }
            transform.outputFormat = format
        }
        transform.excerptOnly = try reader.optionalBool("excerptOnly") ?? false || base.excerptOnly
        transform.includeCanonicalURL = try reader.optionalBool("includeCanonicalUrl") ?? base.includeCanonicalURL
        transform.includeAttribution = try reader.optionalBool("includeAttribution") ?? base.includeAttribution
        return transform
    }

    private static func references(
        _ targets: [JSON], _ transform: Transform
    ) throws(Refusal) -> [PlanRequest.TargetReference] {
        var references: [PlanRequest.TargetReference] = []
        references.reserveCapacity(targets.count)
        var seen: Set<TargetID> = []
        for (index, target) in targets.enumerated() {
            let place = "targets[\(index)]"
            guard let object = target.objectValue else { throw JSONReader([:]).refusal(place, "must be an object") }
            let reader = JSONReader(object, path: place)
            try reader.refuseUnknown(allowed: ["targetId", "transform"])
            let id = TargetID(try reader.requiredInteger("targetId", in: 1...Int64.max))
            guard seen.insert(id).inserted else { throw reader.refusal("targetId", "names target \(id) again") }
            let own = try reader.optionalObject("transform")
            references.append(.init(id: id, transform: own == nil ? nil : try self.transform(own, over: transform)))
        }
        return references
    }

    private static func notSupported(_ reader: JSONReader, _ name: String, _ complaint: String) -> Refusal {
        let place = reader.place(of: name)
        return Refusal(
            .notSupported, "\(place) \(complaint).", remediation: Remediation.sentence(for: .notSupported),
            context: ["path": place])
    }
}

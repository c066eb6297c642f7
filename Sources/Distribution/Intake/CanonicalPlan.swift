/// Everything that makes a plan what it is, in one form.
struct CanonicalPlan {
    let domainID: DomainID
    let contentItemID: Int64
    let contentVersion: Int64
    let scheduledAt: Timestamp?
    let selection: PlanRequest.Selection
    let transform: Transform
    let content: Content
    let policy: Policy
    /// The policy's fields that decide nothing but tell one licence from another.
    let policyDetails: JSONObject

    /// Compact JSON with sorted members, defaults filled in, times in UTC, sets (targets, channels, premium fields)
    /// sorted: equal for requests that mean the same. Numbers within the content keep their literals.
    var bytes: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 2_048)
        writer.beginObject()
        writer.key("content")
        write(content, &writer)
        writer.key("contentItemId")
        writer.integer(contentItemID)
        writer.key("contentVersion")
        writer.integer(contentVersion)
        writer.key("domainId")
        writer.integer(domainID.rawValue)
        writer.key("policy")
        write(policy, &writer)
        writer.key("scheduledAt")
        writer.timestamp(scheduledAt)
        writer.key("selection")
        write(selection, &writer)
        writer.key("transform")
        write(transform, &writer)
        writer.endObject()
        return writer.bytes
    }

    private func write(_ content: Content, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("canonicalUrl")
        writer.string(content.canonicalURL)
        writer.key("contentTypeId")
        writer.integer(content.contentTypeID)
        writer.key("contentTypeSlug")
        writer.string(content.contentTypeSlug)
        writer.key("createdAt")
        writer.timestamp(content.createdAt)
        writer.key("data")
        writer.canonical(.object(content.data))
        writer.key("premiumFields")
        writer.strings(Set(content.premiumFields).sorted())
        writer.key("status")
        writer.string(content.status)
        writer.key("updatedAt")
        writer.timestamp(content.updatedAt)
        writer.endObject()
    }

    private func write(_ policy: Policy, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("allowRedistribution")
        writer.bool(policy.allowRedistribution)
        writer.key("allowedChannels")
        writer.strings(policy.allowedChannels?.map(\.rawValue))
        writer.key("basis")
        writer.string(policy.basis.rawValue)
        writer.key("details")
        writer.canonical(.object(policyDetails))
        writer.key("entitlement")
        write(policy.entitlement, &writer)
        writer.key("excerptOnly")
        writer.bool(policy.excerptOnly)
        writer.key("expiresAt")
        writer.timestamp(policy.expiresAt)
        writer.endObject()
    }

    private func write(_ entitlement: Policy.Entitlement?, _ writer: inout JSONWriter) {
        guard let entitlement else { return writer.null() }
        writer.beginObject()
        writer.key("expiresAt")
        writer.timestamp(entitlement.expiresAt)
        writer.key("id")
        writer.integer(entitlement.id)
        writer.key("remainingReads")
        writer.integer(entitlement.remainingReads)
        writer.key("status")
        writer.string(entitlement.status)
        writer.endObject()
    }

    private func write(_ selection: PlanRequest.Selection, _ writer: inout JSONWriter) {
        switch selection {
        case .all: writer.string("all")
        case .channels(let channels): writer.strings(channels.map(\.rawValue))
        case .targets(let references):
            writer.beginArray()
            for reference in references.sorted(by: { $0.id < $1.id }) {
                writer.beginObject()
                writer.key("targetId")
                writer.integer(reference.id.rawValue)
                writer.key("transform")
                write(reference.transform ?? transform, &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private func write(_ transform: Transform, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("excerptOnly")
        writer.bool(transform.excerptOnly)
        writer.key("includeAttribution")
        writer.bool(transform.includeAttribution)
        writer.key("includeCanonicalUrl")
        writer.bool(transform.includeCanonicalURL)
        writer.key("outputFormat")
        writer.string(transform.outputFormat.rawValue)
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ values: [String]?) {
        guard let values else { return null() }
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}

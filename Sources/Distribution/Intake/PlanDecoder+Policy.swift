extension PlanDecoder {
    /// Reads the policy, closed where it is silent: an entitlement that does not say so allows neither redistribution
    /// nor any channel. An owner's policy is restricted only by what it states.
    static func policy(_ reader: JSONReader) throws(Refusal) -> Policy {
        try reader.refuseUnknown(allowed: [
            "basis", "allowedChannels", "allowRedistribution", "excerptOnly", "expiresAt", "entitlement", "offerId",
            "scopeType", "scopeRef", "policyId", "policyVersion", "maxReads", "termsJson",
        ])
        guard let basis = Policy.Basis(rawValue: try reader.requiredString("basis")) else {
            throw reader.refusal("basis", "must be entitlement or owner")
        }
        var channels: [ChannelType]? = basis == .entitlement ? [] : nil
        if let names = try reader.optionalStrings("allowedChannels") {
            channels = try channelTypes(names, reader, "allowedChannels")
        }
        return Policy(
            basis: basis, allowedChannels: channels,
            allowRedistribution: try reader.optionalBool("allowRedistribution") ?? (basis == .owner),
            excerptOnly: try reader.optionalBool("excerptOnly") ?? false,
            expiresAt: try reader.optionalTimestamp("expiresAt"),
            entitlement: try reader.optionalObject("entitlement").map(entitlement))
    }

    /// Checks the fields that decide nothing here and keeps them, as a change of them makes another request.
    static func policyDetails(_ reader: JSONReader) throws(Refusal) -> JSONObject {
        _ = try reader.optionalInteger("offerId")
        _ = try reader.optionalString("scopeType")
        _ = try reader.optionalInteger("policyId")
        _ = try reader.optionalInteger("policyVersion")
        _ = try reader.optionalInteger("maxReads", in: 0...Int64.max)
        switch reader.object["scopeRef"] {
        case nil, .null, .string: break
        default: _ = try reader.optionalInteger("scopeRef")
        }
        switch reader.object["termsJson"] {
        case nil, .null, .string, .object: break
        default: throw reader.refusal("termsJson", "must be an object or a string")
        }
        let kept = ["offerId", "scopeType", "scopeRef", "policyId", "policyVersion", "maxReads", "termsJson"]
        return JSONObject(kept.filter(reader.has).map { ($0, reader.object[$0] ?? .null) })
    }

    private static func entitlement(_ reader: JSONReader) throws(Refusal) -> Policy.Entitlement {
        try reader.refuseUnknown(allowed: ["id", "status", "remainingReads", "expiresAt"])
        return Policy.Entitlement(
            id: try reader.requiredInteger("id"), status: try reader.requiredString("status"),
            remainingReads: try reader.optionalInteger("remainingReads"),
            expiresAt: try reader.optionalTimestamp("expiresAt"))
    }
}

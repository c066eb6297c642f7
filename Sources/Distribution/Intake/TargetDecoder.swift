/// Reads requests to create or change a target (contract, "Target configuration"); `config` and the names of the
/// credentials are the adapter's to check.
package enum TargetDecoder {
    /// Reads a new target: `name`, `channelType` and `config` are required.
    ///
    /// - Throws: `VALIDATION_ERROR`, also for an unknown top-level field.
    package static func decodeNew(_ object: JSONObject) throws(Refusal) -> TargetInput {
        let input = try decode(object)
        let reader = JSONReader(object)
        for (name, isGiven) in [
            ("name", input.name != nil), ("channelType", input.channelType != nil),
            ("config", input.configuration != nil),
        ] where !isGiven { throw reader.refusal(name, "is required") }
        return input
    }

    /// Reads a change: whatever is absent stays as it is. A `channelType` is read so that the caller can refuse
    /// another one than the target has.
    package static func decodeUpdate(_ object: JSONObject) throws(Refusal) -> TargetInput {
        try decode(object)
    }

    private static func decode(_ object: JSONObject) throws(Refusal) -> TargetInput {
        let reader = JSONReader(object)
        try reader.refuseUnknown(
            allowed: DeliverySettings.fieldNames.union([
                "schemaVersion", "domainId", "name", "channelType", "config", "credentials",
            ]))
        try PlanDecoder.checkSchemaVersion(reader)
        var input = TargetInput()
        input.domainID = try reader.optionalInteger("domainId", in: 1...Int64.max).map { DomainID($0) }
        input.name = try reader.optionalString("name", length: 1...200)
        if let name = try reader.optionalString("channelType") {
            guard let channel = ChannelType(rawValue: name) else {
                throw reader.refusal("channelType", "must be the name of a channel")
            }
            input.channelType = channel
        }
        input.configuration = try reader.optionalObject("config")?.object
        input.credentials = try reader.optionalObject("credentials").map(credentials)
        try readDelivery(reader, into: &input)
        return input
    }

    private static func credentials(_ reader: JSONReader) throws(Refusal) -> [String: Secret] {
        var secrets: [String: Secret] = [:]
        for member in reader.object.members {
            secrets[member.name] = Secret(try reader.requiredString(member.name, length: 1...16_384))
        }
        return secrets
    }
}

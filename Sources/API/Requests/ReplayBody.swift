import Distribution

/// What `POST /dead-letters/replay` is asked for: named jobs, a filter, or all of the domain.
struct ReplayBody: Sendable {
    let selection: DeadLetterSelection
    let after: JobID?
    let limit: Int

    /// Dead letters that one request looks at, at most.
    static let maximumLimit: Int64 = 10_000
    /// Jobs that one request can name.
    static let maximumIDs = 500

    private static let filters: Set<String> = [
        "planId", "targetId", "channelType", "errorCode", "diedFrom", "diedBefore",
    ]

    /// Nothing given is refused rather than taken for everything; so is an unknown field, as a mistyped filter would
    /// replay too much.
    init(_ call: Call, _ object: JSONObject) throws(Refusal) {
        let reader = JSONReader(object)
        try reader.refuseUnknown(allowed: Self.filters.union(["jobIds", "all", "cursor", "limit", "domainId"]))
        try call.checkDomain(try reader.optionalInteger("domainId").map { DomainID($0) })
        let ways = [
            Self.filters.contains { reader.has($0) }, reader.has("jobIds"), try reader.optionalBool("all") ?? false,
        ]
        guard ways.count(where: { $0 }) == 1 else {
            throw Refusal(
                .validationError, "A replay needs exactly one of jobIds, filters and all: true.",
                remediation: "Send jobIds, or one or more of: \(Self.filters.sorted().joined(separator: ", ")).",
                context: ["path": "jobIds"])
        }
        selection = DeadLetterSelection(
            planID: try reader.optionalInteger("planId", in: 1...Int64.max).map { PlanID($0) },
            targetID: try reader.optionalInteger("targetId", in: 1...Int64.max).map { TargetID($0) },
            channelType: try Self.value(reader, "channelType", ChannelType.init(rawValue:), "the name of a channel"),
            errorCode: try Self.value(reader, "errorCode", ErrorCode.init(rawValue:), "a code such as HTTP_STATUS"),
            diedFrom: try reader.optionalTimestamp("diedFrom"), diedBefore: try reader.optionalTimestamp("diedBefore"),
            jobIDs: try Self.jobIDs(reader))
        limit = Int(try reader.optionalInteger("limit", in: 1...Self.maximumLimit) ?? Self.maximumLimit)
        after = try Self.value(reader, "cursor", Cursor.decode, "the nextCursor of a replay").map { JobID($0) }
    }

    private static func jobIDs(_ reader: JSONReader) throws(Refusal) -> Set<JobID>? {
        guard let elements = try reader.optionalArray("jobIds") else { return nil }
        guard (1...maximumIDs).contains(elements.count) else {
            throw reader.refusal("jobIds", "must hold 1 to \(maximumIDs) ids")
        }
        var ids: Set<JobID> = []
        for element in elements {
            guard let id = element.integerValue, id > 0 else { throw reader.refusal("jobIds", "must hold ids only") }
            ids.insert(JobID(id))
        }
        return ids
    }

    private static func value<Value>(
        _ reader: JSONReader, _ name: String, _ read: (String) -> Value?, _ kind: String
    ) throws(Refusal) -> Value? {
        guard let text = try reader.optionalString(name) else { return nil }
        guard let value = read(text) else { throw reader.refusal(name, "must be \(kind)") }
        return value
    }
}

import Distribution
import Orchestrator

/// What a replay or a purge is asked for: named jobs, filters, or all dead letters of the domain.
struct DeadLetterRequest: Sendable {
    let run: NewDeadLetterRun

    /// Jobs that one request can name.
    static let maximumIDs = 500
    static let filters: Set<String> = ["planId", "targetId", "channelType", "errorCode", "diedFrom", "diedBefore"]
    /// Purges write little and wake nobody.
    private static let purgeRate = 1_000

    /// `POST /dead-letters/replay`.
    ///
    /// Nothing given is refused rather than taken for everything; so is an unknown field, as a mistyped filter would
    /// replay too much.
    init(replay object: JSONObject, _ call: Call) throws(Refusal) {
        let reader = JSONReader(object)
        try reader.refuseUnknown(
            allowed: Self.filters.union(["jobIds", "all", "limit", "ratePerSecond", "idempotencyKey", "domainId"]))
        try call.checkDomain(try reader.optionalInteger("domainId").map { DomainID($0) })
        try Self.requireOneWay(
            filters: Self.filters.contains { reader.has($0) }, ids: reader.has("jobIds"),
            all: try reader.optionalBool("all") ?? false)
        let selection = DeadLetterSelection(
            planID: try reader.optionalInteger("planId", in: 1...Int64.max).map { PlanID($0) },
            targetID: try reader.optionalInteger("targetId", in: 1...Int64.max).map { TargetID($0) },
            channelType: try Self.value(reader, "channelType", ChannelType.init(rawValue:), "the name of a channel"),
            errorCode: try Self.value(reader, "errorCode", ErrorCode.init(rawValue:), "a code such as HTTP_STATUS"),
            diedFrom: try reader.optionalTimestamp("diedFrom"), diedBefore: try reader.optionalTimestamp("diedBefore"),
            jobIDs: try Self.jobIDs(reader))
        let rates = Int64(DeadLetterRun.rates.lowerBound)...Int64(DeadLetterRun.rates.upperBound)
        run = NewDeadLetterRun(
            domainID: call.domainID, kind: .replay, selection: selection,
            idempotencyKey: try call.idempotencyKey(
                field: try reader.optionalString("idempotencyKey", length: 1...255)),
            ratePerSecond: Int(
                try reader.optionalInteger("ratePerSecond", in: rates) ?? Int64(DeadLetterRun.standardRate)),
            limit: try reader.optionalInteger("limit", in: 1...Int64(Int32.max)).map { Int($0) })
    }

    /// `DELETE /dead-letters`, whose words stand in the query.
    init(purge call: Call) throws(Refusal) {
        let query = call.query
        let whether: (String) -> Bool? = { ["true": true, "false": false][$0] }
        let ids = try query.value("jobIds", Self.jobIDs, "must hold 1 to \(Self.maximumIDs) ids with commas between")
        try Self.requireOneWay(
            filters: Self.filters.contains { query.has($0) }, ids: ids != nil,
            all: try query.value("all", whether, "must be true or false") ?? false)
        let filter = try JobFilter(query)
        let rates = DeadLetterRun.rates
        let rate: (String) -> Int? = { Int($0).flatMap { rates.contains($0) ? $0 : nil } }
        run = NewDeadLetterRun(
            domainID: call.domainID, kind: .purge,
            selection: DeadLetterSelection(
                planID: filter.planID, targetID: filter.targetID, channelType: filter.channelType,
                errorCode: filter.errorCode, diedFrom: filter.diedFrom, diedBefore: filter.diedBefore, jobIDs: ids),
            idempotencyKey: try call.idempotencyKey(field: nil),
            ratePerSecond: try query.value(
                "ratePerSecond", rate, "must be a whole number from \(rates.lowerBound) to \(rates.upperBound)")
                ?? Self.purgeRate)
    }

    static let purgeParameters = filters.union(["jobIds", "all", "ratePerSecond", "mode"])

    private static func requireOneWay(filters: Bool, ids: Bool, all: Bool) throws(Refusal) {
        guard [filters, ids, all].count(where: { $0 }) == 1 else {
            throw Refusal(
                .validationError, "Dead letters are named by exactly one of jobIds, filters and all: true.",
                remediation: "Send jobIds, or one or more of: \(Self.filters.sorted().joined(separator: ", ")).",
                context: ["path": "jobIds"])
        }
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

    private static func jobIDs(_ text: String) -> Set<JobID>? {
        let ids = text.split(separator: ",", omittingEmptySubsequences: false).map { Query.identifier(String($0)) }
        guard (1...maximumIDs).contains(ids.count), !ids.contains(nil) else { return nil }
        return Set(ids.compactMap(\.self).map { JobID($0) })
    }

    private static func value<Value>(
        _ reader: JSONReader, _ name: String, _ read: (String) -> Value?, _ kind: String
    ) throws(Refusal) -> Value? {
        guard let text = try reader.optionalString(name) else { return nil }
        guard let value = read(text) else { throw reader.refusal(name, "must be \(kind)") }
        return value
    }
}

/// Which dead letters are meant; nil matches all.
package struct DeadLetterSelection: Sendable, Hashable {
    package var planID: PlanID?
    package var targetID: TargetID?
    package var channelType: ChannelType?
    package var errorCode: ErrorCode?
    /// Only those that died at this moment or after it.
    package var diedFrom: Timestamp?
    /// Only those that died before this moment.
    package var diedBefore: Timestamp?
    /// These jobs and no others.
    package var jobIDs: Set<JobID>?

    package init(
        planID: PlanID? = nil, targetID: TargetID? = nil, channelType: ChannelType? = nil, errorCode: ErrorCode? = nil,
        diedFrom: Timestamp? = nil, diedBefore: Timestamp? = nil, jobIDs: Set<JobID>? = nil
    ) {
        self.planID = planID
        self.targetID = targetID
        self.channelType = channelType
        self.errorCode = errorCode
        self.diedFrom = diedFrom
        self.diedBefore = diedBefore
        self.jobIDs = jobIDs
    }
}

extension DeadLetterSelection {
    /// The words of a request, as the ledger keeps and views show them; what is not asked for is left out.
    package var json: JSONObject {
        var object: JSONObject = [:]
        object["planId"] = planID.map { .integer($0.rawValue) }
        object["targetId"] = targetID.map { .integer($0.rawValue) }
        object["channelType"] = channelType.map { .string($0.rawValue) }
        object["errorCode"] = errorCode.map { .string($0.rawValue) }
        object["diedFrom"] = diedFrom.map { .string($0.iso8601) }
        object["diedBefore"] = diedBefore.map { .string($0.iso8601) }
        object["jobIds"] = jobIDs.map { ids in .array(ids.sorted().map { .integer($0.rawValue) }) }
        return object
    }

    /// Reads what ``json`` has written.
    ///
    /// - Throws: Where a word is not understood, as one that a later version has written: without it more would be meant.
    package init(json: JSONObject) throws(Refusal) {
        let reader = JSONReader(json)
        try reader.refuseUnknown(
            allowed: ["planId", "targetId", "channelType", "errorCode", "diedFrom", "diedBefore", "jobIds"])
        self.init(
            planID: try reader.optionalInteger("planId").map { PlanID($0) },
            targetID: try reader.optionalInteger("targetId").map { TargetID($0) },
            channelType: try Self.word(reader, "channelType", ChannelType.init(rawValue:)),
            errorCode: try Self.word(reader, "errorCode", ErrorCode.init(rawValue:)),
            diedFrom: try reader.optionalTimestamp("diedFrom"), diedBefore: try reader.optionalTimestamp("diedBefore"),
            jobIDs: try Self.jobIDs(reader))
    }

    private static func word<Word>(
        _ reader: JSONReader, _ name: String, _ read: (String) -> Word?
    ) throws(Refusal) -> Word? {
        guard let text = try reader.optionalString(name) else { return nil }
        guard let word = read(text) else { throw reader.refusal(name, "is not known") }
        return word
    }

    private static func jobIDs(_ reader: JSONReader) throws(Refusal) -> Set<JobID>? {
        guard let elements = try reader.optionalArray("jobIds") else { return nil }
        var ids: Set<JobID> = []
        for element in elements {
            guard let id = element.integerValue else { throw reader.refusal("jobIds", "must hold ids only") }
            ids.insert(JobID(id))
        }
        return ids
    }

    /// No dead letter at all.
    package static let nothing = DeadLetterSelection(jobIDs: [])
}

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
    package init(json: JSONObject) throws(Refusal) {
        let reader = JSONReader(json)
        self.init(
            planID: try reader.optionalInteger("planId").map { PlanID($0) },
            targetID: try reader.optionalInteger("targetId").map { TargetID($0) },
            channelType: try reader.optionalString("channelType").flatMap(ChannelType.init(rawValue:)),
            errorCode: try reader.optionalString("errorCode").flatMap(ErrorCode.init(rawValue:)),
            diedFrom: try reader.optionalTimestamp("diedFrom"), diedBefore: try reader.optionalTimestamp("diedBefore"),
            jobIDs: try reader.optionalArray("jobIds").map { ids in
                Set(ids.compactMap(\.integerValue).map { JobID($0) })
            })
    }
}

import Distribution

/// What `POST /targets/:id/pause` is asked for: until when, and why. Both may be left out.
enum PauseBody {
    static func read(_ call: Call, _ object: JSONObject) throws(Refusal) -> TargetPause {
        let reader = JSONReader(object)
        try reader.refuseUnknown(allowed: ["until", "reason", "domainId"])
        try call.checkDomain(try reader.optionalInteger("domainId").map { DomainID($0) })
        let reason = try reader.optionalString("reason").map(Sanitizer.message)
        return TargetPause(
            until: try reader.optionalTimestamp("until"),
            reason: reason.flatMap { $0.isEmpty ? nil : $0 } ?? "Paused by an operator.")
    }
}

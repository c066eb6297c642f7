/// A target as every protocol shows it; never a credential but one that was just generated.
package enum TargetView {
    /// - Parameters:
    ///   - generated: Credentials made for this request, shown once beside their names.
    ///   - queueProblem: Why its queue cannot be used at the moment.
    package static func json(
        _ target: Target, generated: [String: Secret] = [:], queueProblem: QueueProblem? = nil
    ) -> JSON {
        var object: JSONObject = [
            "id": .integer(target.id.rawValue),
            "domainId": .integer(target.domainID.rawValue),
            "name": .string(target.name),
            "channelType": .string(target.channelType.rawValue),
            "config": .object(target.configuration),
            "credentials": credentials(target, generated),
        ]
        for field in target.delivery.fields.members { object[field.name] = field.value }
        object["active"] = .bool(target.isActive)
        object["disabledReason"] = .text(target.disabledReason)
        object["pausedUntil"] = .moment(target.pausedUntil)
        object["pauseReason"] = .text(target.pauseReason)
        object["queueType"] = .string(target.queueType.rawValue)
        object["queueProblem"] = queueProblem.map(json) ?? .null
        object["createdAt"] = .moment(target.createdAt)
        object["updatedAt"] = .moment(target.updatedAt)
        return .object(object)
    }

    private static func json(_ problem: QueueProblem) -> JSON {
        .object([
            "code": .string(QueueProblem.code), "message": .string(problem.message),
            "remediation": .string(problem.remediation), "since": .moment(problem.since),
        ])
    }

    private static func credentials(_ target: Target, _ generated: [String: Secret]) -> JSON {
        var shown = JSONObject()
        for name in Set(target.credentials.names).union(generated.keys).sorted() {
            var credential: JSONObject = ["set": .bool(true)]
            if let secret = generated[name] { credential["value"] = .string(secret.reveal()) }
            shown[name] = .object(credential)
        }
        if case .unavailable(let reason) = target.credentials { shown["unavailable"] = .string(reason) }
        return .object(shown)
    }
}

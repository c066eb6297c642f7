/// A target as every protocol shows it; never a credential but one that was just generated.
package enum TargetView {
    /// - Parameters:
    ///   - circuit: Its open circuit; nil where it takes attempts as usual.
    ///   - queueProblem: Why its queue cannot be used at the moment.
    ///   - generated: Credentials made for this request, shown once beside their names.
    package static func json(
        _ target: Target, now: Timestamp, circuit: TargetGovernor.OpenCircuit? = nil,
        queueProblem: QueueProblem? = nil, generated: [String: Secret] = [:]
    ) -> JSON {
        let pause = target.pause.flatMap { $0.holds(at: now) ? $0 : nil }
        var object: JSONObject = [
            "id": .integer(target.id.rawValue),
            "domainId": .integer(target.domainID.rawValue),
            "name": .string(target.name),
            "channelType": .string(target.channelType.rawValue),
            "config": .object(target.configuration),
            "credentials": credentials(target, generated),
        ]
        for field in target.delivery.fields.members { object[field.name] = field.value }
        object["status"] = .string(status(target, pause, circuit))
        object["active"] = .bool(target.isActive)
        object["disabledReason"] = .text(target.disabledReason)
        object["pausedUntil"] = .moment(pause?.until)
        object["pauseReason"] = .text(pause?.reason)
        object["circuit"] = circuit.map(Self.circuit) ?? .null
        object["failingSince"] = .moment(target.failingSince)
        object["queueType"] = .string(target.queueType.rawValue)
        object["queueProblem"] = queueProblem.map(json) ?? .null
        object["createdAt"] = .moment(target.createdAt)
        object["updatedAt"] = .moment(target.updatedAt)
        return .object(object)
    }

    /// In the words of a job's `waitingOn`.
    private static func status(
        _ target: Target, _ pause: TargetPause?, _ circuit: TargetGovernor.OpenCircuit?
    ) -> String {
        guard target.isActive else { return "disabled" }
        return pause != nil ? "paused" : circuit != nil ? "circuit_open" : "active"
    }

    private static func circuit(_ circuit: TargetGovernor.OpenCircuit) -> JSON {
        .object(["openedAt": .moment(circuit.openedAt), "probeAt": .moment(circuit.probeAt)])
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

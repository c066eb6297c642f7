/// The answer to a cancellation that came before its plan: there is no plan to show yet.
package enum PlanRecallView {
    package static func json(_ cancellation: PlanCancellation, rememberedUntil end: Timestamp) -> JSON {
        let key: JSON =
            if case .idempotencyKey(let key) = cancellation.subject { .string(key) } else { .null }
        return .object([
            "id": .null,
            "domainId": .integer(cancellation.domainID.rawValue),
            "idempotencyKey": key,
            "status": .string(PlanStatus.cancelled.rawValue),
            "rememberedUntil": .moment(end),
            "recommendedNextAction": .string(sentence(until: end)),
        ])
    }

    package static func sentence(until end: Timestamp) -> String {
        "Nothing to do: a plan that comes with this key until \(end.iso8601) is called off at once."
    }
}

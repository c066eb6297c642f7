import DistributionTesting

/// Who dies in a round, and when: drawn from a seed, so that a round can be played again.
struct KillPlan: Sendable, CustomStringConvertible {
    enum Victim: String, Sendable {
        case broker
        case service
        /// The service, and the one that takes its place before it is ready.
        case serviceAndStart = "service and its start"
        /// The service, and the one that takes its place as soon as it is ready.
        case serviceAndSuccessor = "service and its successor"
    }

    let victim: Victim
    /// So many requests have reached the receiver by then.
    let requests: Int

    /// - Parameter deliveries: How many the round has when nothing is repeated.
    init(round: Int, seed: UInt64, deliveries: Int) {
        let dice = SeededRandomness(seed: seed &+ UInt64(round) &* 0x9E37_79B9)
        let services: [Victim] = [.service, .service, .serviceAndStart, .serviceAndSuccessor]
        let service = services[Int(dice.next() % UInt64(services.count))]
        victim = round.isMultiple(of: 2) ? .broker : service
        // From before the very first to the last.
        requests = Int(dice.next() % UInt64(deliveries))
    }

    var description: String { "\(victim.rawValue) killed at request \(requests)" }
}

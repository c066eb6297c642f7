extension TargetGovernor {
    /// Whether an attempt may start now; where it may, it counts as started.
    package enum Admission: Sendable, Hashable {
        case start
        /// As many as may be are in flight; the end of one changes that.
        case full
        /// Not before `until`; nil where only a change of the target can end it.
        case wait(until: Timestamp?)
    }

    /// Whether the target's queue is to be consumed.
    package enum Stance: Sendable, Hashable {
        /// - Parameter prefetch: Messages in hand at most.
        case consume(prefetch: Int)
        /// - Parameter until: nil where only a change of the target can end it.
        case hold(until: Timestamp?)
    }

    /// What an attempt's end changes about its target.
    package struct Consequences: Sendable, Hashable {
        /// What is to be written with the attempt.
        package var finding: TargetFinding?
        /// The same, about its circuit.
        package var circuit: CircuitNote?
        /// The end of the pause that the target asked for, where it did.
        package var pausedUntil: Timestamp?
        /// The time of the next probe, where the circuit has opened or a probe has failed.
        package var probeAt: Timestamp?
        package var isCircuitClosed = false

        package init() {}

        /// Whether the queue is to be consumed otherwise than before.
        package var changesStance: Bool { pausedUntil != nil || probeAt != nil || isCircuitClosed }
    }

    /// An open circuit, as it is shown.
    package struct OpenCircuit: Sendable, Hashable {
        package let openedAt: Timestamp
        /// nil while the probe is under way.
        package let probeAt: Timestamp?
    }
}

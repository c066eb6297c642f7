/// A bug that is put into a simulated world on purpose, to show that the simulation finds it.
package enum SimulationFlaw: Sendable, Hashable, CaseIterable {
    /// The ledger says that a write is done before it is committed, so what stands behind it is acked too early.
    case acknowledgesBeforeCommit
    /// A retry keeps the epoch of the attempt before it.
    case retriesWithoutNewEpoch
    /// Events leave the outbox when they are handed to the relay, not once the broker has confirmed them.
    case deletesBeforeConfirm
}

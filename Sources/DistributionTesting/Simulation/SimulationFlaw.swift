/// A bug that is put into a simulated world on purpose, to show that the simulation finds it.
package enum SimulationFlaw: Sendable, Hashable, CaseIterable {
    /// The ledger says that a write is done before it is committed, so what stands behind it is acked too early.
    case acknowledgesBeforeCommit
    /// A retry keeps the epoch of the attempt before it.
    case retriesWithoutNewEpoch
    /// Events leave the outbox when they are handed to the relay, not once the broker has confirmed them.
    case deletesBeforeConfirm
    /// Retention purges dead letters whatever their age.
    case purgesYoungLetters
    /// Retention removes plans that are old enough since their beginning, not since their end.
    case removesOpenPlans
    /// Retention removes a plan's row, and forgets after that step which jobs are still to go.
    case forgetsJobsOfRemovedPlans
}

/// What is known of targets at the moment, beside what the ledger has.
package struct TargetStandings: Sendable, Hashable {
    /// Those that take a probe at a time only.
    package var openCircuits: Set<TargetID>
    /// Those whose queue the broker refuses: they are in quarantine.
    package var refusedQueues: Set<TargetID>

    package init(openCircuits: Set<TargetID> = [], refusedQueues: Set<TargetID> = []) {
        self.openCircuits = openCircuits
        self.refusedQueues = refusedQueues
    }

    /// Nothing is known against any.
    package static let usual = TargetStandings()
}

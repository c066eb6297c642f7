import Distribution

/// What the governors of the targets decide. A target that is not known has none: its messages are looked at, so that
/// the ledger can tell what they are.
extension TargetDirectory {
    /// Whether an attempt may start now; where it may, it counts as started until ``finish(_:at:)``.
    func admit(_ id: TargetID, at now: Timestamp) -> TargetGovernor.Admission {
        withEntry(id) { $0.governor.admit($0.target, at: now) } ?? .start
    }

    func observe(
        _ evidence: AttemptEvidence, of id: TargetID, startedAt: Timestamp, at now: Timestamp
    ) -> TargetGovernor.Consequences {
        withEntry(id) { $0.governor.observe(evidence, startedAt: startedAt, at: now) } ?? .init()
    }

    func finish(_ id: TargetID, at now: Timestamp) {
        withEntry(id) { $0.governor.finish(at: now) }
    }

    /// - Parameter prefetch: What the service allows each target.
    func stance(of id: TargetID, prefetch: Int, at now: Timestamp) -> TargetGovernor.Stance? {
        let stance = withEntry(id) { $0.governor.stance($0.target, prefetch: prefetch, at: now) }
        if case .consume = stance, isSuspended { return .hold(until: nil) }
        return stance
    }

    func resetGovernor(of id: TargetID) {
        withEntry(id) { $0.governor.reset() }
    }
}

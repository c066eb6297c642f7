extension Target {
    /// What a change makes of the target, but for its credentials, revision and time, which are the ledger's.
    package mutating func apply(_ change: TargetChange) {
        if let name = change.name { self.name = name }
        if let configuration = change.configuration { self.configuration = configuration }
        if let delivery = change.delivery { self.delivery = delivery }
        switch change.availability {
        case .enabled:
            isActive = true
            disabledReason = nil
            failingSince = nil
            circuit = nil
        case .disabled(let reason):
            isActive = false
            disabledReason = reason
        case nil: break
        }
        switch change.rest {
        case .paused(let pause): self.pause = pause
        case .resumed:
            pause = nil
            circuit = nil
        case nil: break
        }
    }
}

extension TargetChange {
    /// What is told of the change, and the reason that goes with it.
    package func event(from before: Target, to after: Target) -> (event: TargetEvent, reason: String?) {
        if before.isActive, !after.isActive { return (.disabled, after.disabledReason) }
        switch rest {
        case .paused(let pause): return (.paused, pause.reason)
        case .resumed where before.pause != nil: return (.resumed, before.pause?.reason)
        case .resumed, nil: return (.updated, nil)
        }
    }
}

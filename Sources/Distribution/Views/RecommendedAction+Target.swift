extension RecommendedAction {
    /// What to do about a target as it stands.
    package static func standing(
        of target: Target, _ circuit: TargetGovernor.OpenCircuit?, now: Timestamp
    ) -> RecommendedAction {
        guard target.isActive else { return .target(target, .disabled) }
        if let pause = target.pause, pause.holds(at: now) { return .target(target, .paused) }
        guard let circuit else { return .target(target, .updated) }
        let resume = "POST /api/distribution/targets/\(target.id)/resume"
        let probe = circuit.probeAt.map { "the next probe is due at \($0.clock(at: now))" } ?? "a probe is under way"
        return .init(
            sentence: "Target \(target.id) does not answer: \(probe). Once it is mended, \(resume) ends the wait.",
            availableActions: [resume], priority: .high)
    }

    /// What to do after something has happened to a target.
    package static func target(_ target: Target, _ event: TargetEvent) -> RecommendedAction {
        let path = "/api/distribution/targets/\(target.id)"
        switch event {
        case .disabled: return .disabledTarget(target.id)
        case .paused:
            let end = (target.pause?.until).map { "until \($0)" } ?? "until it is resumed"
            return .init(
                sentence: "Wait: target \(target.id) rests \(end); POST \(path)/resume ends it.",
                availableActions: ["POST \(path)/resume"], priority: .medium)
        case .created:
            let plan = "POST /api/distribution/plans"
            return .init(sentence: "Send content to it with \(plan).", availableActions: [plan])
        case .updated, .deleted, .resumed: return .init(sentence: "Nothing to do.")
        }
    }
}

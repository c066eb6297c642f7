extension RecommendedAction {
    /// What to do after something has happened to a target.
    package static func target(_ target: Target, _ event: TargetEvent) -> RecommendedAction {
        let path = "/api/distribution/targets/\(target.id)"
        switch event {
        case .disabled: return .disabledTarget(target.id)
        case .paused:
            let end = target.pausedUntil.map { "until \($0)" } ?? "until it is resumed"
            return .init(
                sentence: "Wait: target \(target.id) rests \(end); POST \(path)/resume ends it.",
                availableActions: ["POST \(path)/resume"], priority: .medium)
        case .created:
            return .init(
                sentence: "Test it with POST \(path)/test.", availableActions: ["POST \(path)/test"])
        case .updated, .deleted, .resumed: return .init(sentence: "Nothing to do.")
        }
    }
}

extension RecommendedAction {
    package static func job(_ job: JobFacts, now: Timestamp) -> RecommendedAction {
        RecommendedAction(sentence: "Nothing to do.")
    }

    package static func target(_ target: Target, _ event: TargetEvent) -> RecommendedAction {
        RecommendedAction(sentence: "Nothing to do.")
    }
}

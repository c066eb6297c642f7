extension RecommendedAction {
    /// - Parameter jobs: The jobs that are known of it; without them the sentence counts instead of naming.
    package static func plan(
        _ id: PlanID, status: PlanStatus, counts: JobCounts, jobs: [JobFacts], scheduledAt: Timestamp? = nil,
        now: Timestamp
    ) -> RecommendedAction {
        RecommendedAction(sentence: "Nothing to do.")
    }
}

/// How urgent the recommended action is.
package enum ActionPriority: String, Sendable, Hashable, CaseIterable {
    case low, medium, high, critical
}

/// What somebody who looks at a plan, a job or a target should do next.
package struct RecommendedAction: Sendable, Hashable {
    /// A sentence that names what failed, why, and the call that mends it; never empty.
    package let sentence: String
    /// The calls that make sense now, as `POST /api/distribution/plans/7/retry`.
    package let availableActions: [String]
    package let priority: ActionPriority

    package init(sentence: String, availableActions: [String] = [], priority: ActionPriority = .low) {
        self.sentence = sentence
        self.availableActions = availableActions
        self.priority = priority
    }
}

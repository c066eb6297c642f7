import Distribution

/// What stands beside the data: what can be done next, and where a list goes on.
struct AnswerMeta: Sendable {
    struct Continuation: Sendable {
        /// nil at the end of the list.
        let nextCursor: String?
    }

    private let action: RecommendedAction?
    private let isRehearsal: Bool
    private let continuation: Continuation?

    init(action: RecommendedAction, isRehearsal: Bool = false, continuation: Continuation? = nil) {
        self.action = action
        self.isRehearsal = isRehearsal
        self.continuation = continuation
    }

    init(continuation: Continuation) {
        action = nil
        isRehearsal = false
        self.continuation = continuation
    }

    /// Calls that are not built are left out: who follows an offered action must not be refused for it.
    func write(to writer: inout JSONWriter, offering catalogue: ActionCatalogue) {
        writer.beginObject()
        writer.key("availableActions")
        writer.beginArray()
        for call in action?.availableActions ?? [] where catalogue.offers(call) { writer.string(call) }
        writer.endArray()
        writer.key("actionPriority")
        writer.string((action?.priority ?? .low).rawValue)
        if let action {
            writer.key("recommendedNextAction")
            writer.string(action.sentence)
        }
        if isRehearsal {
            writer.key("dryRun")
            writer.bool(true)
        }
        if let continuation {
            writer.key("hasMore")
            writer.bool(continuation.nextCursor != nil)
            writer.key("nextCursor")
            writer.string(continuation.nextCursor)
        }
        writer.endObject()
    }
}

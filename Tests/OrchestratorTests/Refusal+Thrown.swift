import Distribution

/// What `body` was refused with; nil where it was not, or threw something else.
func refusal(_ body: () async throws -> Void) async -> Refusal? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Refusal
    }
}

import Distribution

/// Whether an item's commit must be on disk before its caller goes on.
enum Durability: Sendable {
    /// A power cut may take it back; a crash of the process may not.
    case relaxed
    case full
}

/// One call that waits for its commit.
///
/// It may be run more than once before it ends, each time on a transaction that has forgotten the time before.
protocol WorkItem: Sendable {
    var durability: Durability { get }
    /// Does the work; what is returned tells the caller, and is called after the commit only.
    func perform(in context: WriteContext) throws -> @Sendable () -> Void
    func fail(_ error: LedgerError)
}

struct Work<Value: Sendable>: WorkItem {
    let durability: Durability
    let body: @Sendable (WriteContext) throws -> Value
    let continuation: CheckedContinuation<Result<Value, LedgerError>, Never>

    func perform(in context: WriteContext) throws -> @Sendable () -> Void {
        let value = try body(context)
        return { [continuation] in continuation.resume(returning: .success(value)) }
    }

    func fail(_ error: LedgerError) {
        continuation.resume(returning: .failure(error))
    }
}

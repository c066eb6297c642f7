import Distribution

/// Whether an item's commit must be on disk before its caller goes on.
enum Durability: Sendable {
    /// A power cut may take it back; a crash of the process may not.
    case relaxed
    case full
}

/// One call that waits for its commit.
///
/// Closures rather than a generic type: its values would be moved about through metadata that is looked up each time.
struct WorkItem: Sendable {
    typealias Completion = @Sendable () -> Void

    let durability: Durability
    /// Whether it is to be committed alone, once everything that waits is.
    let isStep: Bool
    /// Whether it may use what is reserved of the operator's limit.
    let usesReserve: Bool
    /// Does the work; what is returned tells the caller, and is called after the commit only.
    ///
    /// It may be run more than once before it ends, each time on a transaction that has forgotten the time before.
    let perform: @Sendable (WriteContext) throws -> Completion
    let fail: @Sendable (LedgerError) -> Void

    init(
        durability: Durability, isStep: Bool = false, usesReserve: Bool = false,
        perform: @escaping @Sendable (WriteContext) throws -> Completion,
        fail: @escaping @Sendable (LedgerError) -> Void
    ) {
        self.durability = durability
        self.isStep = isStep
        self.usesReserve = usesReserve
        self.perform = perform
        self.fail = fail
    }
}

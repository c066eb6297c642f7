import Distribution
import GRDB
import Logging
import Synchronization

/// The one writer: whatever is asked for while a commit is under way shares the next one.
///
/// No timer and no waiting for company: an idle writer commits a single item at once, a busy one up to 512 together.
/// A step of what has no hurry shares nothing: it waits until what came before it is committed, and others then wait for
/// that one step at most.
/// Callers leave their item in a mailbox and wait; the work runs on the writing connection's queue, out of reach of any
/// caller's cancellation.
final class GroupWriter: Sendable {
    private struct Mailbox {
        var items: [WorkItem] = []
        /// Each is to be committed alone.
        var steps: [WorkItem] = []
        var isDraining = false
        var isClosed = false
    }

    /// What only a step may and what it may not.
    private struct Setup: Equatable {
        var isStep = false
        var usesReserve = false
    }

    static let batchLimit = 512
    /// Pages of the log at which a commit writes it back.
    static let logLimit = 4_000
    /// Pages by which some steps may exceed the operator's limit, so that what frees room can be asked for where there is
    /// none.
    static let reservedPages = 256

    let pool: DatabasePool
    let services: WriteServices
    let signals: EventSignals
    let logger: Logger
    /// What the file may grow to by the operator's will; nil for no limit.
    private let pageLimit: Int?
    let crashPoints: (any CrashPoints)?
    private let mailbox = Mutex(Mailbox())
    /// What the writer remembers between batches; taken out while one is under way.
    private let memory = Mutex(WriterMemory())
    private let synchronous = Mutex(Durability?.none)
    /// How the connection is set up; nil where that is not known.
    private let setup = Mutex(Setup?.some(Setup()))

    init(
        pool: DatabasePool, services: WriteServices, signals: EventSignals, logger: Logger, pageLimit: Int?,
        crashPoints: (any CrashPoints)?
    ) {
        self.pool = pool
        self.services = services
        self.signals = signals
        self.logger = logger
        self.pageLimit = pageLimit
        self.crashPoints = crashPoints
    }

    /// Runs `body` in a transaction that it may share, and returns once that is committed.
    ///
    /// - Parameter body: Run again where a neighbour's failure undid the transaction; must have no effect elsewhere.
    func perform<Value: Sendable>(
        _ durability: Durability = .full, _ body: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws(LedgerError) -> Value {
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            submit(
                WorkItem(durability: durability) { context in
                    let value = try body(context)
                    return { continuation.resume(returning: .success(value)) }
                } fail: { error in
                    continuation.resume(returning: .failure(error))
                })
        }
        return try result.get()
    }

    /// Runs `body` in a transaction of its own once everything that waits now is committed, and returns after its commit.
    ///
    /// Its commit does not write the log back (``LogKeeper`` does).
    ///
    /// - Parameters:
    ///   - usesReserve: Whether it may use what is reserved of the operator's limit, as what frees room may.
    ///   - body: As in ``perform(_:_:)``; is to begin nothing more once its clock is used up.
    /// - Returns: Also for how many milliseconds it kept the writer to itself, its commit included.
    func performStep<Value: Sendable>(
        _ durability: Durability, usesReserve: Bool = true,
        _ body: @escaping @Sendable (WriteContext, StepClock) throws -> Value
    ) async throws(LedgerError) -> (value: Value, heldMilliseconds: Int64) {
        let result: Result<(Value, Int64), LedgerError> = await withCheckedContinuation { continuation in
            let time = services.time
            submit(
                WorkItem(durability: durability, isStep: true, usesReserve: usesReserve) { context in
                    let clock = StepClock(time)
                    let value = try body(context, clock)
                    return { continuation.resume(returning: .success((value, clock.elapsed))) }
                } fail: { error in
                    continuation.resume(returning: .failure(error))
                })
        }
        return try result.get()
    }

    /// Refuses new items; returns when those that were accepted are settled.
    func close() async {
        mailbox.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { _ in continuation.resume() }
        }
    }

    /// Calls that nobody has begun with.
    var waiting: Int { mailbox.withLock { $0.items.count + $0.steps.count } }

    var isClosed: Bool { mailbox.withLock { $0.isClosed } }

    /// Writes the whole log back into the file and empties it; does nothing where the connection is closed already.
    func checkpoint() throws {
        try pool.writeWithoutTransaction { database in
            guard database.sqliteConnection != nil else { return }
            _ = try database.checkpoint(.truncate)
        }
    }

    private func submit(_ item: WorkItem) {
        let mustStart: Bool? = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return nil }
            if item.isStep { mailbox.steps.append(item) } else { mailbox.items.append(item) }
            defer { mailbox.isDraining = true }
            return !mailbox.isDraining
        }
        switch mustStart {
        case nil: item.fail(.closed)
        case true?: pool.asyncWriteWithoutTransaction { self.drain(on: $0) }
        case false?: break
        }
    }

    private func drain(on database: Database) {
        while let (items, step) = takeAll() {
            var rest = items[...]
            while !rest.isEmpty {
                commit(rest.prefix(Self.batchLimit), on: database)
                rest = rest.dropFirst(Self.batchLimit)
            }
            if let step { commit([step], on: database) }
        }
    }

    /// - Returns: Everything that waits, but of the steps only the first; nil where there is nothing to do: the next item
    ///   starts a drain of its own then.
    private func takeAll() -> (items: [WorkItem], step: WorkItem?)? {
        mailbox.withLock { mailbox in
            guard !mailbox.items.isEmpty || !mailbox.steps.isEmpty else {
                mailbox.isDraining = false
                return nil
            }
            var items: [WorkItem] = []
            swap(&items, &mailbox.items)
            return (items, mailbox.steps.isEmpty ? nil : mailbox.steps.removeFirst())
        }
    }
}

// MARK: Transactions

extension GroupWriter {
    private enum Failure: Error {
        /// An item failed; its neighbours need not.
        case item
        /// Nobody asked for a durable commit, but what was decided needs one.
        case needsDurability
        /// The transaction is lost.
        case transaction(any Error)
    }

    private func commit(_ items: ArraySlice<WorkItem>, on database: Database) {
        let durability: Durability = items.contains { $0.durability == .full } ? .full : .relaxed
        attempt(items, durability, isolating: false, on: database)
    }

    private func attempt(
        _ items: ArraySlice<WorkItem>, _ durability: Durability, isolating: Bool, on database: Database
    ) {
        do throws(Failure) {
            try transact(items, durability, isolating: isolating, on: database)
        } catch {
            switch error {
            case .needsDurability: attempt(items, .full, isolating: isolating, on: database)
            case .item: attempt(items, durability, isolating: true, on: database)
            case .transaction(let cause): fail(items, LedgerError.uncommitted(cause).explained(on: database, pageLimit))
            }
        }
    }

    /// Runs the items in one transaction and, after its commit, tells their callers.
    ///
    /// Failures are rare and savepoints are not free: the first try does without, and only a batch in which an item
    /// failed is run again with one around each item.
    private func transact(
        _ items: ArraySlice<WorkItem>, _ durability: Durability, isolating: Bool, on database: Database
    ) throws(Failure) {
        var completions: [WorkItem.Completion] = []
        completions.reserveCapacity(items.count)
        let events: [OwedEvent]
        do {
            try setSynchronous(durability, on: database)
            try setUp(
                Setup(isStep: items.contains(where: \.isStep), usesReserve: items.contains(where: \.usesReserve)),
                on: database)
            try database.beginTransaction(.immediate)
            let context = WriteContext(database: database, memory: takeMemory(), services: services)
            for item in items {
                completions.append(isolating ? try isolate(item, in: context) : try run(item, in: context))
            }
            if durability == .relaxed, context.needsDurability { throw Failure.needsDurability }
            try context.writeBackPlans()
            events = try context.insertPending()
            crashPoints?.reached(.transactionWritten)
            try database.commit()
            crashPoints?.reached(.transactionCommitted)
            keep(context.memory)
        } catch {
            rollBack(database)
            throw error as? Failure ?? .transaction(error)
        }
        for completion in completions { completion() }
        if !events.isEmpty { signals.fire(events) }
    }

    private func run(_ item: WorkItem, in context: WriteContext) throws -> WorkItem.Completion {
        do {
            return try item.perform(context)
        } catch  where context.database.isInsideTransaction {
            throw Failure.item
        }
    }

    private func isolate(_ item: WorkItem, in context: WriteContext) throws -> WorkItem.Completion {
        let (memory, pending) = (context.memory, context.pending)
        try context.query("SAVEPOINT item").run()
        do {
            let completion = try item.perform(context)
            try context.query("RELEASE item").run()
            return completion
        } catch  where context.database.isInsideTransaction {
            try context.query("ROLLBACK TO item").run()
            try context.query("RELEASE item").run()
            context.memory = memory
            context.pending = pending
            let failure = LedgerError.translating(error).explained(on: context.database, pageLimit)
            return { item.fail(failure) }
        }
    }

    /// The setting takes effect when the statement is compiled, and never inside a transaction.
    private func setSynchronous(_ durability: Durability, on database: Database) throws {
        guard synchronous.withLock({ $0 }) != durability else { return }
        synchronous.withLock { $0 = nil }
        try database.execute(sql: durability == .full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
        synchronous.withLock { $0 = durability }
    }

    /// Takes effect outside of a transaction only.
    private func setUp(_ wanted: Setup, on database: Database) throws {
        guard setup.withLock({ $0 }) != wanted else { return }
        setup.withLock { $0 = nil }
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(wanted.isStep ? 0 : Self.logLimit)")
        if let pageLimit {
            let limit = wanted.usesReserve ? pageLimit + Self.reservedPages : pageLimit
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(limit)")
        }
        setup.withLock { $0 = wanted }
    }

    private func rollBack(_ database: Database) {
        do {
            if database.isInsideTransaction { try database.rollback() }
        } catch {
            logger.error("A transaction of the ledger could not be rolled back", metadata: ["error": "\(error)"])
        }
    }

    /// Whoever asked for them tells people, once for as long as it lasts.
    private func fail(_ items: ArraySlice<WorkItem>, _ failure: LedgerError) {
        logger.debug(
            "The ledger could not commit",
            metadata: ["error": "\(failure.message)", "items": "\(items.count)"])
        for item in items { item.fail(failure) }
    }

    private func takeMemory() -> WriterMemory {
        memory.withLock { memory in
            var taken = WriterMemory()
            swap(&taken, &memory)
            return taken
        }
    }

    private func keep(_ memory: WriterMemory) {
        var memory = memory
        memory.trim()
        self.memory.withLock { $0 = memory }
    }
}

import Distribution
import GRDB
import Sealing

/// What every transaction may use beside the database.
struct WriteServices: Sendable {
    let composer: EventComposer
    let randomness: any Randomness
    let time: any TimeSource
    let sealer: Sealer
    /// This opening of the ledger; attempts of any other are those of a dead process.
    let incarnation: Int64
    /// Jobs that did not move since before this may have been attempted by a process whose machine stopped under it.
    let uncertainBefore: Timestamp?
}

/// One transaction of the writer; never leaves the queue of its connection.
///
/// Each persisted transition is one named method in an extension, guarded by the state it expects.
final class WriteContext {
    let database: Database
    let services: WriteServices
    var memory: WriterMemory
    /// Set where a decision must survive a power cut though nobody asked for it.
    var needsDurability = false
    var pending = PendingRows()
    private var statements: [UnsafeRawPointer: Statement] = [:]

    init(database: Database, memory: WriterMemory, services: WriteServices) {
        self.database = database
        self.memory = memory
        self.services = services
    }

    /// A statement to bind and run.
    ///
    /// - Parameter sql: A literal: its address finds the prepared statement without hashing its text.
    func query(_ sql: StaticString) throws -> Query {
        let key = UnsafeRawPointer(sql.utf8Start)
        if let statement = statements[key] { return Query(statement) }
        let statement = try database.cachedStatement(sql: sql.description)
        statements[key] = statement
        return Query(statement)
    }

    /// The id of the row that was inserted last.
    var insertedID: Int64 { database.lastInsertedRowID }

    /// Reserves ids that follow each other.
    ///
    /// - Returns: The first of them.
    func takeIDs(of table: NumberedTable, _ count: Int = 1) throws -> Int64 {
        let first = try memory.nextIDs[table] ?? lastID(of: table) + 1
        memory.nextIDs[table] = first + Int64(count)
        return first
    }

    /// The highest id that a table has given out, those of this transaction included.
    func highestID(of table: NumberedTable) throws -> Int64 {
        try memory.nextIDs[table].map { $0 - 1 } ?? lastID(of: table)
    }

    /// The highest id that a table has ever given out, as its file knows.
    private func lastID(of table: NumberedTable) throws -> Int64 {
        var select = try query("SELECT seq FROM sqlite_sequence WHERE name = ?")
        select.bind(table.rawValue)
        return try select.first { $0.integer(0) } ?? 0
    }

    /// How many rows the last statement that writes has changed.
    var changedRows: Int { database.changesCount }

    // MARK: Events

    /// Owes an event that belongs to no plan.
    func owe(at time: Timestamp, _ compose: (EventComposer, EventStamp) -> OutgoingEvent) throws {
        pending.events.append(compose(services.composer, stamp(at: time, sequence: nil)))
    }

    /// Owes the next event of a plan.
    func owe(
        _ plan: inout PlanState, at time: Timestamp, _ compose: (EventComposer, EventStamp) -> OutgoingEvent
    ) throws {
        plan.sequence += 1
        pending.events.append(compose(services.composer, stamp(at: time, sequence: plan.sequence)))
    }

    private func stamp(at time: Timestamp, sequence: Int64?) -> EventStamp {
        EventStamp(id: services.randomness.uuid(at: time), time: time, sequence: sequence)
    }
}

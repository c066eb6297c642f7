import CSQLite
package import Distribution
import GRDB
import Glibc
package import Logging
package import Sealing
import Synchronization

/// The ledger in one SQLite file: WAL, one writer with group commit and `synchronous=FULL`, readers beside it.
///
/// Safe to call from any task. What a call wrote is seen by every read that starts after it returned. A failed commit
/// (full disk, failed disk) fails the calls that shared it as `unavailable`, and the ledger goes on with the next.
package final class SQLiteLedger: Ledger {
    let writer: GroupWriter
    let services: WriteServices
    let signals = EventSignals()
    let log: LogKeeper
    private let pool: DatabasePool
    private let lock: Mutex<LockFile?>

    /// Opens or makes the file (mode 0600), brings its tables up to date, and holds it until ``close()``.
    ///
    /// - Parameters:
    ///   - path: The file; `-wal`, `-shm` and `.lock` files appear beside it.
    ///   - instance: Names this installation in the `source` of events.
    ///   - maximumMebibytes: The file grows no further than to this; nil for no limit.
    /// - Throws: A ``LedgerError``; `unavailable` with the other process's id where the ledger is in use.
    package convenience init(
        path: String, sealer: Sealer, instance: String, time: any TimeSource, randomness: any Randomness,
        logger: Logger, maximumMebibytes: Int? = nil, crashPoints: (any CrashPoints)? = nil
    ) throws(LedgerError) {
        try self.init(
            path: path, sealer: sealer, instance: instance, time: time, randomness: randomness, logger: logger,
            maximumMebibytes: maximumMebibytes, crashPoints: crashPoints, boot: RunMark.currentBoot())
    }

    /// - Parameter boot: The machine's present boot; nil where it cannot be known.
    init(
        path: String, sealer: Sealer, instance: String, time: any TimeSource, randomness: any Randomness,
        logger: Logger, maximumMebibytes: Int? = nil, crashPoints: (any CrashPoints)? = nil, boot: String?
    ) throws(LedgerError) {
        let file = try LockFile(path: path + ".lock", boot: boot, now: time.now())
        let uncertainBefore = file.uncertainBefore
        lock = Mutex(file)
        log = LogKeeper(path: path, logger: logger)
        let pageLimit: Int?
        do {
            try Self.createFile(path)
            _ = Self.memoryStatistics
            pool = try DatabasePool(path: path, configuration: Self.configuration)
            try Schema.migrator.migrate(pool)
            pageLimit = try maximumMebibytes.map { [pool] in try Self.limit(pool, toMebibytes: $0) }
            services = WriteServices(
                composer: EventComposer(source: "/clawcast/\(instance)"), randomness: randomness, time: time,
                sealer: sealer, incarnation: try Self.beginIncarnation(pool, instance: instance, at: time.now()),
                uncertainBefore: uncertainBefore)
        } catch {
            throw LedgerError.translating(error)
        }
        writer = GroupWriter(
            pool: pool, services: services, signals: signals, logger: logger, pageLimit: pageLimit,
            crashPoints: crashPoints)
    }

    /// Settles the calls that were made, refuses new ones, ends every ``eventSignals()``, writes the log back into the
    /// file and lets it go. Repeating it is harmless.
    package func close() async throws(LedgerError) {
        await writer.close()
        signals.finish()
        defer { lock.withLock { $0 = nil } }
        do {
            // GRDB closes its readers last, and those cannot write the log back. Nothing is lost where it stays.
            do {
                try log.close()
                try writer.checkpoint()
            } catch {
                writer.logger.warning("The ledger's log stays beside its file.", metadata: ["error": "\(error)"])
            }
            try pool.close()
            lock.withLock { $0?.noteClosed() }
        } catch {
            throw LedgerError.translating(error)
        }
    }

    package func eventSignals() -> AsyncStream<Void> {
        signals.subscribe()
    }

    package func takeFreshEvents() -> [OwedEvent] {
        signals.takeEvents()
    }

    /// Reads one consistent state of the file; not ended by the cancellation of the caller.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(returning: Result { try body(database.get()) })
            }
        }
        do {
            return try result.get()
        } catch {
            throw writer.isClosed ? .closed : LedgerError.translating(error)
        }
    }
}

extension SQLiteLedger {
    /// Nobody reads SQLite's count of what it allocates, and each allocation would take a lock for it.
    private static let memoryStatistics = csqlite_disable_memory_statistics()

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "clawcast.ledger"
        configuration.maximumReaderCount = 2
        configuration.foreignKeysEnabled = false
        // Another process with the file (the `sqlite3` shell), or a reader that has just opened it, may hold a lock for
        // a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // The pages in use are the newest ones; more cache than this only makes the process larger.
            try database.execute(sql: "PRAGMA cache_size = -1536")
            // A longer log is written back less often, and pages that change with every commit only once.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(GroupWriter.logLimit)")
            try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
            // Debian's SQLite overwrites what is deleted; the outbox is deleted all the time and holds no secret.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
        }
        return configuration
    }

    /// SQLite gives its log the mode of the file, but makes the file itself readable by all.
    private static func createFile(_ path: String) throws(LedgerError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError(kind: .unavailable, message: "Cannot open the ledger \(path): error \(errno).")
        }
        let result = fchmod(descriptor, 0o600)
        let code = errno
        Glibc.close(descriptor)
        guard result == 0 else {
            throw LedgerError(
                kind: .unavailable, message: "Cannot restrict access to the ledger \(path): error \(code).")
        }
    }

    private static func beginIncarnation(
        _ pool: DatabasePool, instance: String, at time: Timestamp
    ) throws -> Int64 {
        try pool.write { database in
            try database.execute(
                sql: "INSERT INTO ledger_incarnations (instance, processId, openedAt) VALUES (?, ?, ?)",
                arguments: [instance, Int64(getpid()), time.iso8601])
            return database.lastInsertedRowID
        }
    }
}

extension Database {
    /// A statement for a reader, prepared once a connection.
    func query(_ sql: String) throws -> Query {
        Query(try cachedStatement(sql: sql))
    }
}

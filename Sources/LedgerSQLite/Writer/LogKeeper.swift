import Distribution
import GRDB
import Logging
import Synchronization

/// Writes the log back into the file beside the writer, which goes on meanwhile.
///
/// Were that left to the commit that happens to fill the log, whoever waits for the writer would wait for thousands of
/// pages to be written and fsynced. What is committed meanwhile is left: the writer itself writes that back, which takes
/// little, so that the log can begin anew. Where this connection cannot be opened, or fails, the log grows to
/// ``GroupWriter/ownLogLimit``, at which each commit sees to it as SQLite does.
final class LogKeeper: Sendable {
    private enum Work {
        /// Nobody is at it.
        case none
        /// This connection writes back.
        case underWay
        /// It has, and the writer is to do the rest.
        case almostDone
    }

    private struct State {
        /// Opened when it is needed first.
        var connection: DatabaseQueue?
        /// Pages that were written to the log since it was last written back.
        var pages = 0
        var work = Work.none
        /// Rows that steps have changed.
        var rows = 0
        var isClosed = false
    }

    /// Pages of the log at which it is written back.
    static let pageLimit = 4_000
    /// Pages that the writer may be left with; more are gone through once more before.
    private static let restLimit = 500
    private static let passLimit = 3
    /// Rows that steps change between two times.
    static let rowLimit = 500

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Notes what a commit has written, and has the log written back once that is much. Never waits.
    ///
    /// - Returns: Whether the writer is to write the rest back, before it goes on.
    func noteWritten(pages: Int) -> Bool {
        enum Next { case go, finish, begin }
        let next: Next = state.withLock { state in
            state.pages += pages
            switch state.work {
            case .almostDone:
                (state.work, state.pages) = (.none, 0)
                return .finish
            case .none where state.pages >= Self.pageLimit && !state.isClosed:
                state.work = .underWay
                return .begin
            case .none, .underWay: return .go
            }
        }
        if next == .begin { begin() }
        return next == .finish
    }

    /// Whether the log is being written back, here or next by the writer.
    var isBusy: Bool {
        state.withLock { state in
            switch state.work {
            case .none: false
            case .underWay, .almostDone: true
            }
        }
    }

    private func begin() {
        do {
            guard let connection = try connection() else { return }
            connection.asyncWriteWithoutTransaction { database in
                self.end(Result { try Self.writeBack(database) })
            }
        } catch {
            end(.failure(error))
        }
    }

    /// Goes through the log until little has come to it meanwhile.
    private static func writeBack(_ database: Database) throws {
        for _ in 0..<passLimit {
            let (pages, done) = try database.checkpoint(.passive)
            if pages - done <= restLimit || done == 0 { return }
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        switch result {
        case .success: state.withLock { $0.work = .almostDone }
        case .failure(let error):
            state.withLock { ($0.work, $0.pages) = (.none, 0) }
            tell(of: error)
        }
    }

    /// Notes what a step has changed; once that is much, returns when the log was written back as far as nobody reads it.
    func noteChanges(_ rows: Int) async {
        let isDue = state.withLock { state in
            state.rows += rows
            guard state.rows >= Self.rowLimit, !state.isClosed else { return false }
            state.rows = 0
            return true
        }
        guard isDue else { return }
        do {
            guard let connection = try connection() else { return }
            let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
                connection.asyncWriteWithoutTransaction { database in
                    continuation.resume(returning: Result { _ = try database.checkpoint(.passive) })
                }
            }
            try result.get()
        } catch {
            tell(of: error)
        }
    }

    /// Somebody else is at it, or it is tried again a good deal later, or stays with the commits that fill the log.
    private func tell(of error: any Error) {
        logger.debug("The ledger's log was not written back", metadata: ["error": "\(error)"])
    }

    func close() throws {
        let connection = state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
        try connection?.close()
    }

    /// - Returns: nil once it was closed.
    private func connection() throws -> DatabaseQueue? {
        try state.withLock { state in
            guard !state.isClosed else { return nil }
            if let connection = state.connection { return connection }
            let connection = try DatabaseQueue(path: path, configuration: Self.configuration)
            state.connection = connection
            return connection
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "clawcast.ledger.log"
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -64")
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return configuration
    }
}

import Distribution
import GRDB
import Logging
import Synchronization

/// Writes the log back into the file beside the writer, which goes on meanwhile.
///
/// Steps change many pages in a short time. Were that left to the commit that happens to fill the log, a delivery would
/// wait for the pages of retention to be written.
final class LogKeeper: Sendable {
    private struct State {
        /// Opened when it is needed first.
        var connection: DatabaseQueue?
        var rows = 0
        var isClosed = false
    }

    /// Rows that steps change between two times.
    static let rowLimit = 500

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
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
            try await Self.writeBack(connection)
        } catch {
            // Somebody else is at it, or it stays with the commits that fill the log.
            logger.debug("The ledger's log was not written back", metadata: ["error": "\(error)"])
        }
    }

    func close() throws {
        let connection = state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
        try connection?.close()
    }

    private static func writeBack(_ connection: DatabaseQueue) async throws {
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            connection.asyncWriteWithoutTransaction { database in
                continuation.resume(returning: Result { _ = try database.checkpoint(.passive) })
            }
        }
        try result.get()
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

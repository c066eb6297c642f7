package import Distribution
import GRDB

/// A ledger's file opened to be looked at, beside the service that has it open or without one; never written to.
package final class LedgerInspection: ConservationLedger {
    private let queue: DatabaseQueue

    /// - Throws: A ``LedgerError``: `invalid` where the file is no ledger of this version.
    package init(path: String) throws(LedgerError) {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "clawcast.inspection"
        configuration.busyMode = .timeout(5)
        let isCurrent: Bool
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            isCurrent = try queue.read { database in
                let migrator = Schema.migrator
                return try migrator.hasCompletedMigrations(database) && !migrator.hasBeenSuperseded(database)
            }
        } catch {
            throw LedgerError.translating(error)
        }
        guard isCurrent else {
            throw LedgerError(kind: .invalid, message: "\(path) was written by another version of Clawcast.")
        }
    }

    package func auditPage(after position: AuditPosition, limit: Int) async throws(LedgerError) -> AuditPage {
        try await read { try $0.auditPage(after: position, limit: limit) }
    }

    package func auditReceipts(after: ReceiptID, limit: Int) async throws(LedgerError) -> ReceiptAuditPage {
        try await read { try $0.auditReceipts(after: after, limit: limit) }
    }

    package func auditEvents(after place: Int64, limit: Int) async throws(LedgerError) -> EventAuditPage {
        try await read { try $0.auditEvents(after: place, limit: limit) }
    }

    package func auditPayloads(
        after: Int64, newest: Int?, limit: Int
    ) async throws(LedgerError) -> PayloadAuditPage {
        try await read { try $0.auditPayloads(after: after, newest: newest, limit: limit) }
    }

    package func fileDamages() async throws(LedgerError) -> [String] {
        var damages: [String] = []
        for table in try await read({ try $0.tableNames() }) {
            damages += try await read { try $0.damages(of: table) }
        }
        return damages
    }

    package func auditTargets() async throws(LedgerError) -> [AuditTarget] {
        try await read { try $0.auditTargets() }
    }

    package func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) async throws(LedgerError) -> WaitingJobsPage {
        try await read { try $0.waitingJobs(after: position, limit: limit, cutoffs) }
    }

    package func pulse() async throws(LedgerError) -> LedgerPulse {
        try await read { try $0.pulse() }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            queue.asyncRead { database in
                continuation.resume(returning: Result { try body(database.get()) })
            }
        }
        do {
            return try result.get()
        } catch {
            throw LedgerError.translating(error)
        }
    }
}

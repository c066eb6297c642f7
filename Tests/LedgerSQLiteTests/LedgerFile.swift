import Distribution
import DistributionTesting
import Foundation
import Logging
import Sealing

@testable import LedgerSQLite

/// A folder of its own with a ledger in it; the folder goes when this does.
final class LedgerFile: Sendable {
    let folder: String
    let masterKey: MasterKey
    let time = ManualTime()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        masterKey = try MasterKey.generate()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    var path: String { folder + "/ledger.sqlite" }

    func open(
        path: String? = nil, masterKey: MasterKey? = nil, boot: String? = "boot-1", maximumMebibytes: Int? = nil,
        time: (any TimeSource)? = nil, crashPoints: (any CrashPoints)? = nil
    ) throws -> SQLiteLedger {
        var logger = Logger(label: "ledger.test")
        logger.logLevel = .critical
        return try SQLiteLedger(
            path: path ?? self.path, sealer: Sealer(masterKey: masterKey ?? self.masterKey), instance: "test",
            time: time ?? self.time, randomness: SeededRandomness(seed: 1), logger: logger,
            maximumMebibytes: maximumMebibytes,
            crashPoints: crashPoints, boot: boot)
    }

    /// Runs `body` on a ledger that is closed afterwards.
    func withLedger<Value>(
        path: String? = nil, masterKey: MasterKey? = nil, boot: String? = "boot-1", time: (any TimeSource)? = nil,
        crashPoints: (any CrashPoints)? = nil, _ body: (SQLiteLedger) async throws -> Value
    ) async throws -> Value {
        let ledger = try open(path: path, masterKey: masterKey, boot: boot, time: time, crashPoints: crashPoints)
        do {
            let value = try await body(ledger)
            try await ledger.close()
            return value
        } catch {
            try await ledger.close()
            throw error
        }
    }
}

import Distribution
import DistributionTesting
import Foundation
import LedgerSQLite
import Testing

@Suite(.timeLimit(.minutes(1))) struct LedgerFileTests {
    @Test func `a second opener is refused and told which process holds the ledger`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { _ in
            let error = #expect(throws: LedgerError.self) { try file.open() }
            #expect(error?.kind == .unavailable)
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(error?.message.contains("process \(process).") == true)
        }
        let targets = try await file.withLedger { try await $0.allTargets() }
        #expect(targets.isEmpty)
    }

    @Test func `a file that is no ledger is refused, and let go`() async throws {
        let file = try LedgerFile()
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: file.path))
        for _ in 0..<2 {
            let error = #expect(throws: LedgerError.self) { try file.open() }
            #expect(error?.kind == .invalid)
        }
    }

    @Test func `closing again leaves alone what was opened meanwhile`() async throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        try await ledger.close()
        let bystander = URL(fileURLWithPath: file.folder + "/bystander")
        try Data("untouched".utf8).write(to: bystander)
        // Descriptors are given out lowest first: one of these is what the lock had.
        let handles = try (0..<64).map { _ in try FileHandle(forUpdating: bystander) }
        try await ledger.close()
        for handle in handles { try handle.close() }
        #expect(try Data(contentsOf: bystander) == Data("untouched".utf8))
    }

    @Test func `only the owner may read the ledger and its log`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            _ = try await LedgerScenario(ledger, targets: 1)
            for suffix in ["", "-wal", "-shm", ".lock"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: file.path + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
        }
    }

    @Test func `no credential is ever in the file, its log or an event in clear`() async throws {
        let file = try LedgerFile()
        let (first, second) = ("whsec_Zmlyc3Qtc2VjcmV0LWZpcnN0LXNlY3JldA==", "rotated-second-credential")
        func files() throws -> [Data] {
            try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: file.path + $0)) }
        }
        try await file.withLedger { ledger in
            let target = try await ledger.createTarget(LedgerScenario.newTarget("findable name", secret: first))
            let rotation = TargetChange(credentials: ["secret": Secret(second)], changedAt: Sample.now)
            let rotated = try await ledger.updateTarget(target.id, rotation)
            #expect(rotated?.credentials["secret"]?.reveal() == second)
            let data = try files()
            #expect(data.contains { $0.range(of: Data("findable name".utf8)) != nil })
            for secret in [first, second, String(first.dropFirst(6))] {
                #expect(!data.contains { $0.range(of: Data(secret.utf8)) != nil })
            }
            _ = try await ledger.deleteTarget(target.id)
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: file.path))
        #expect(data.range(of: Data("findable name".utf8)) != nil, "closing writes the log back")
        #expect(data.range(of: Data(second.utf8)) == nil)
    }
}

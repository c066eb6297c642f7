import Distribution
import DistributionTesting
import Foundation
import Logging
import Orchestrator
import Testing

@testable import clawcast

/// Wherever a start ends, the next one has a key that its ledger knows.
@Suite("The admin key", .timeLimit(.minutes(1)))
struct AdminKeyTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/admin-key" }
    private var draft: String { path + ".new" }

    init() throws {
        folder = try TemporaryFolder(prefix: "clawcast-test")
    }

    private func useCases(_ ledger: InMemoryLedger) -> DistributionUseCases {
        let time = ManualTime()
        let ports = Ports(
            ledger: ledger, broker: InMemoryBroker(time: time), time: time, randomness: SeededRandomness(seed: 1),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return OrchestratorService(ports: ports, adapters: AdapterRegistry([]), settings: OrchestratorSettings())
            .useCases
    }

    private func start(_ ledger: InMemoryLedger) async throws -> Secret {
        let useCases = useCases(ledger)
        let key = try await AdminKey.ensure(file: path, useCases: useCases)
        #expect(try await useCases.authenticate(key).scopes == Set(APIKey.Scope.allCases))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == key.reveal() + "\n")
        #expect(!FileManager.default.fileExists(atPath: draft))
        return key
    }

    @Test func `a key is made once, for its owner alone, and stays`() async throws {
        defer { folder.remove() }
        let ledger = InMemoryLedger()
        let key = try await start(ledger)
        #expect(FileStatus(path)?.mode == "0600")
        #expect(try await start(ledger.crash()).reveal() == key.reveal())
    }

    @Test func `a start that ends before the ledger knows the key costs the next one nothing`() async throws {
        defer { folder.remove() }
        let ledger = InMemoryLedger()
        ledger.failNext(.keys)
        await #expect(throws: Refusal.self) { try await AdminKey.ensure(file: path, useCases: useCases(ledger)) }
        #expect(!FileManager.default.fileExists(atPath: path))
        let next = ledger.crash()
        _ = try await start(next)
        #expect(next.inspect { $0.keys.count } == 1)
    }

    @Test func `a start that ends before the key is in its place leaves it to the next one`() async throws {
        defer { folder.remove() }
        let ledger = InMemoryLedger()
        let key = try await start(ledger)
        try FileManager.default.moveItem(atPath: path, toPath: draft)
        let next = ledger.crash()
        #expect(try await start(next).reveal() == key.reveal())
        #expect(next.inspect { $0.keys.count } == 1)
    }

    @Test func `half a key that was being written is none`() async throws {
        defer { folder.remove() }
        for file in [draft, path] {
            try write(file == path ? "" : "cck_half", to: file)
            _ = try await start(InMemoryLedger())
            try FileManager.default.removeItem(atPath: path)
        }
    }

    @Test func `a ledger that knows no key takes the one that is there, also after a start that ended on the way`()
        async throws
    {
        defer { folder.remove() }
        let key = try await start(InMemoryLedger())
        let ledger = InMemoryLedger()
        ledger.failNext(.keys)
        await #expect(throws: Refusal.self) { try await AdminKey.ensure(file: path, useCases: useCases(ledger)) }
        #expect(try await start(ledger.crash()).reveal() == key.reveal())
    }

    @Test func `a key of another ledger is refused`() async throws {
        defer { folder.remove() }
        let ledger = InMemoryLedger()
        _ = try await start(ledger)
        try write("cck_other\n", to: path)
        await #expect(throws: AdminKeyUnknown.self) {
            try await AdminKey.ensure(file: path, useCases: useCases(ledger.crash()))
        }
    }
}

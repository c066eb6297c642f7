import Foundation
import Testing

/// The program as a person or a script runs it.
@Suite("The program clawcast")
struct CLIProcessTests {
    @Test func `a wrong call exits with 2 and shows the usage`() async throws {
        let run = try await CLIProgram.run(["targets", "list", "--limit", "0"])
        #expect(run.code == 2)
        #expect(run.errors.contains("--limit must be a number from 1 to 500."))
        #expect(run.output.isEmpty)
    }

    @Test func `a bad setting exits with 2 and names it`() async throws {
        let run = try await CLIProgram.run(["run"], ["CLAWCAST_CONCURRENCY": "abc"])
        #expect(run.code == 2)
        #expect(run.errors == "error: CLAWCAST_CONCURRENCY must be a number from 1 to 65536.\n")
    }

    @Test func `help exits with 0 for every command`() async throws {
        let names = ["run", "demo", "targets", "plans", "jobs", "receipts", "dead", "topology", "verify", "doctor"]
        for arguments in [[]] + names.map({ [$0] }) + [["targets", "add"], ["plans", "submit"]] {
            let run = try await CLIProgram.run(arguments + ["--help"])
            #expect(run.code == 0, "\(arguments)")
            #expect(run.output.hasPrefix("OVERVIEW: "), "\(arguments)")
        }
    }

    @Test func `where nothing runs, a command says how to start it`() async throws {
        // Port 1 is reserved and nobody listens there.
        let run = try await CLIProgram.run(
            ["plans", "list", "--api", "127.0.0.1:1"], ["CLAWCAST_API_KEY": "cck_test"])
        #expect(run.code == 1)
        #expect(run.errors.contains("cannot be reached at http://127.0.0.1:1"))
        #expect(run.errors.contains("clawcast run"))
    }

    @Test func `the effective configuration shows no secret`() async throws {
        let run = try await CLIProgram.run(
            ["run", "--print-config", "--concurrency", "9"], ["CLAWCAST_AMQP_URL": "amqp://ada:hush@rabbit/"])
        #expect(run.code == 0)
        #expect(run.output.contains("amqp://ada:‹redacted›@rabbit:5672/%2F"))
        #expect(!run.output.contains("hush"))
    }

    @Test func `the exported topology is JSON`() async throws {
        let run = try await CLIProgram.run(["topology", "export"])
        #expect(run.code == 0)
        let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        #expect(
            Set(try #require(object).keys).isSuperset(of: ["exchanges", "queues", "bindings", "policies", "users"]))
    }

    @Test(.timeLimit(.minutes(2)))
    func `the demo ends well and leaves nothing behind`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clawcast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try await CLIProgram.run(["demo"], ["TMPDIR": folder.path])
        #expect(run.code == 0, "\(run.output)\n\(run.errors)")
        #expect(run.output.contains("job.blocked"))
        #expect(run.output.contains("Everything went as it should"))
        #expect(run.errors.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}

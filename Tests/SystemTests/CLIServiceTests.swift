import Foundation
import Testing

/// The service started as a program, and the commands that talk to it.
@Suite("clawcast run and its commands")
struct CLIServiceTests {
    @Test(.timeLimit(.minutes(2)))
    func `the service starts, takes commands, keeps secrets and stops with 0`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clawcast-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let service = try RunningProgram(["run", "--data-dir", folder.path, "--http", "127.0.0.1:0"])
        let address = try #require(await service.address(), "The service ended before it was ready.")
        func clawcast(_ arguments: [String]) async throws -> CLIProgram.Run {
            try await CLIProgram.run(arguments + ["--data-dir", folder.path, "--api", address])
        }

        let secret = "whsec_" + Data((1...32).map { UInt8($0) }).base64EncodedString()
        let file = folder.path + "/shop.secret"
        try write(secret + "\n", to: file)
        let added = try await clawcast([
            "targets", "add", "--name", "shop", "--url", "https://shop.example/hooks", "--secret-file", file,
        ])
        #expect(added.code == 0, "\(added.errors)")
        let listed = try await clawcast(["targets", "list", "--json"])
        let list = try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any]
        let target = try #require((list?["data"] as? [[String: Any]])?.first)
        #expect(target["name"] as? String == "shop")
        let generated = try await clawcast(["targets", "add", "--name", "two", "--url", "https://two.example/"])
        #expect(generated.output.contains("New secret, shown this once: whsec_"))
        let updated = try await clawcast(["targets", "update", "1", "--url", "https://shop.example/v2"])
        #expect(updated.output.contains("https://shop.example/v2"))
        let limited = try await clawcast(["targets", "update", "1", "--rate-limit", "0.5,10"])
        #expect(limited.output.contains(#"{"perSecond":0.5,"burst":10}"#))
        let unlimited = try await clawcast(["targets", "update", "1", "--rate-limit", "none"])
        #expect(unlimited.code == 0 && !unlimited.output.contains("perSecond"))
        #expect(try await clawcast(["targets", "update", "1", "--rate-limit", "fast"]).code == 2)
        #expect(try await clawcast(["targets", "update", "1", "--rate-limit", "0"]).errors.contains("perSecond"))
        let jobs = try await clawcast(["jobs", "list", "--channel", "webhook", "--code", "HTTP_STATUS"])
        #expect(jobs.output == "There are no jobs.\n")
        #expect(try await clawcast(["dead", "list", "--since", "2h", "--before", "1h"]).code == 0)
        let missing = try await clawcast(["targets", "show", "99"])
        #expect(missing.code == 1)
        #expect(missing.errors.contains("TARGET_NOT_FOUND"))
        let paused = try await clawcast(["targets", "pause", "1", "--reason", "stocktaking"])
        #expect(paused.code == 0 && paused.output.contains("paused") && paused.output.contains("stocktaking"))
        let resumed = try await clawcast(["targets", "resume", "1"])
        #expect(resumed.code == 0 && !resumed.output.contains("paused"))
        #expect(try await clawcast(["targets", "pause", "1", "--until", "tomorrow"]).code == 2)
        let over = try await clawcast(["targets", "pause", "1", "--until", "2020-01-01T00:00:00Z"])
        #expect(over.code == 1 && over.errors.contains("VALIDATION_ERROR"))
        let counted = try await clawcast(["dead", "replay", "--target", "1", "--dry-run"])
        #expect(counted.output == "0 dead letters would be sent again.\n")
        let replayed = try await clawcast(["dead", "replay", "--all", "--json"])
        #expect(replayed.code == 0 && replayed.output.contains(#""status":"done""#))
        #expect(replayed.output.contains(#""replayed":0,"skipped":0"#))
        let left = try await clawcast(["dead", "replay", "--all", "--no-wait", "--rate", "5"])
        #expect(left.output == "Accepted as replay 2; see `clawcast dead runs show 2`.\n")
        #expect(try await clawcast(["dead", "runs", "show", "2"]).output.contains("5 a second"))
        #expect(try await clawcast(["dead", "runs"]).output.contains("REPLAYED"))
        let few = try await clawcast(["dead", "replay", "--all", "--limit", "3", "--dry-run", "--json"])
        #expect(few.output.contains(#""limit":3"#))
        #expect(try await clawcast(["dead", "replay", "--all", "--limit", "0"]).code == 2)
        #expect(try await clawcast(["dead", "purge", "--all"]).code == 2)
        let purged = try await clawcast(["dead", "purge", "--before", "7d", "--yes"])
        #expect(purged.output == "0 dead letters are purged.\n")
        let rehearsed = try await clawcast(["dead", "purge", "--code", "TIMEOUT", "--dry-run"])
        #expect(rehearsed.output == "0 dead letters would be purged.\n")
        #expect(try await clawcast(["dead", "runs", "cancel", "3", "--purge"]).errors.contains("RUN_CANCEL_FORBIDDEN"))
        #expect(try await clawcast(["dead", "replay"]).code == 2)
        #expect(try await clawcast(["dead", "replay", "--since", "yesterday"]).code == 2)
        #expect(try await clawcast(["plans", "cancel", "1"]).errors.contains("PLAN_NOT_FOUND"))
        #expect(try await clawcast(["plans", "cancel", "--key", "later"]).output.hasPrefix("Remembered. "))
        #expect(try await clawcast(["plans", "cancel", "1", "--key", "later"]).code == 2)
        #expect(try await clawcast(["jobs", "retry", "1"]).errors.contains("JOB_NOT_FOUND"))
        #expect(![added, listed, updated].contains { ($0.output + $0.errors).contains(secret) })

        let second = try await CLIProgram.run(["run", "--data-dir", folder.path, "--http", "127.0.0.1:0"])
        #expect(second.code == 1)
        #expect(second.errors.contains("The ledger is in use by process"))

        let log = await service.stop()
        #expect(service.exitCode == 0)
        #expect(log.contains("notice Stopped."))
        #expect(!log.contains(secret))
    }
}

/// A program that runs beside the test; its standard error is followed as it comes.
private final class RunningProgram {
    private let process: Process
    private var chunks: AsyncStream<Data>.AsyncIterator
    private var log = Data()

    init(_ arguments: [String]) throws {
        process = CLIProgram.process(arguments)
        let errors = Pipe()
        let (stream, continuation) = AsyncStream.makeStream(of: Data.self)
        errors.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                continuation.finish()
            } else {
                continuation.yield(data)
            }
        }
        process.standardInput = FileHandle.nullDevice
        process.standardError = errors
        chunks = stream.makeAsyncIterator()
        try process.run()
    }

    /// A test that fails in between leaves nothing running.
    deinit { if process.isRunning { process.terminate() } }

    var exitCode: Int32 { process.terminationStatus }

    private var text: String { String(decoding: log, as: UTF8.self) }

    /// The API's address, once the service says that it is ready.
    func address() async -> String? {
        while let chunk = await chunks.next() {
            log += chunk
            let lines = text.split(separator: "\n")
            guard let ready = lines.first(where: { $0.contains(" notice Ready.") && $0.contains(" api=") }) else {
                continue
            }
            return ready.split(separator: " ").first { $0.hasPrefix("api=") }.map { String($0.dropFirst(4)) }
        }
        return nil
    }

    /// Asks it to stop, and returns all that it has logged when it has ended.
    func stop() async -> String {
        process.terminate()
        while let chunk = await chunks.next() { log += chunk }
        process.waitUntilExit()
        return text
    }
}

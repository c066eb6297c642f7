import Distribution
import Foundation

/// `clawcast run` as a child process.
final class ServiceProcess: Sendable {
    /// The process as it ended: its exit status, or the signal that killed it, and what it wrote to standard error.
    struct End: Sendable {
        let status: Int32
        let wasKilled: Bool
        let errors: String
    }

    let pid: Int32
    private let lines: AsyncStream<String>
    private let end: AsyncStream<(Int32, Bool)>

    private init(pid: Int32, lines: AsyncStream<String>, end: AsyncStream<(Int32, Bool)>) {
        self.pid = pid
        self.lines = lines
        self.end = end
    }

    /// Starts it; on return it may not be ready yet.
    ///
    /// - Parameter amqpURL: nil for a private broker.
    static func launch(
        folder: String, amqpURL: String?, http: String = "127.0.0.1:0", environment: [String: String] = [:],
        logLevel: String = "notice"
    ) throws -> ServiceProcess {
        let process = Process()
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("clawcast")
        process.arguments = [
            "run", "--data-dir", folder, "--http", http, "--egress-allow", "127.0.0.0/8", "--log-level",
            logLevel, "--log-format", "json",
        ]
        let basics = ["PATH": "/usr/bin:/bin", "HOME": folder, "CLAWCAST_AMQP_URL": amqpURL ?? ""]
        process.environment = basics.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardError = pipe
        let (end, ended) = AsyncStream.makeStream(of: (Int32, Bool).self)
        process.terminationHandler = { process in
            ended.yield((process.terminationStatus, process.terminationReason == .uncaughtSignal))
            ended.finish()
        }
        let lines = lines(of: pipe.fileHandleForReading)
        try process.run()
        return ServiceProcess(pid: process.processIdentifier, lines: lines, end: end)
    }

    /// Starts it and returns when it is ready.
    static func start(folder: String, amqpURL: String) async throws -> ServiceProcess {
        let service = try launch(folder: folder, amqpURL: amqpURL)
        try await service.says { $0["message"]?.stringValue == "Ready." }
        return service
    }

    /// Reads its log on until a line satisfies the condition, and returns that line.
    @discardableResult
    func says(_ condition: (JSONObject) -> Bool) async throws -> JSONObject {
        var said = ""
        for await line in lines {
            said += line + "\n"
            if let entry = try JSON.parse(line).objectValue, condition(entry) { return entry }
        }
        throw SystemTestError("The service ended before it said so: \(said)")
    }

    /// Waits until it is ready.
    func becomesReady() async throws {
        try await says { $0["message"]?.stringValue == "Ready." }
    }

    /// Ends it with this signal and waits for its end.
    func end(with signal: Int32) async throws -> End {
        kill(pid, signal)
        return try await ended()
    }

    /// Waits for its end.
    func ended() async throws -> End {
        var errors = ""
        for await line in lines { errors += line + "\n" }
        for await (status, wasKilled) in end { return End(status: status, wasKilled: wasKilled, errors: errors) }
        throw SystemTestError("The end of the service was not told.")
    }

    private static func lines(of file: FileHandle) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let queue = DispatchQueue(label: "clawcast.test.lines")
        queue.async {
            var rest: [UInt8] = []
            while true {
                let data = file.availableData
                guard !data.isEmpty else { break }
                rest += data
                while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<newline], as: UTF8.self))
                    rest.removeFirst(newline + 1)
                }
            }
            continuation.finish()
        }
        return lines
    }
}

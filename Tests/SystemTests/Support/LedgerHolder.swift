import Foundation

/// Another program that holds a ledger's file locked, as a backup tool or an open shell does.
final class LedgerHolder: Sendable {
    private let input: FileHandle
    private let end: AsyncStream<Void>

    private init(input: FileHandle, end: AsyncStream<Void>) {
        self.input = input
        self.end = end
    }

    /// Returns once it has the lock.
    static func lock(_ folder: String) async throws -> LedgerHolder {
        let script = """
            import sqlite3, sys
            ledger = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
            ledger.execute("BEGIN EXCLUSIVE")
            print("locked", flush=True)
            sys.stdin.read()
            ledger.execute("ROLLBACK")
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, folder + "/ledger.sqlite"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        let (end, ended) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
        let reader = output.fileHandleForReading
        let said = await withCheckedContinuation { continuation in
            DispatchQueue(label: "clawcast.test.holder").async { continuation.resume(returning: reader.availableData) }
        }
        guard String(decoding: said, as: UTF8.self).hasPrefix("locked") else {
            throw SystemTestError("The ledger could not be locked.")
        }
        return LedgerHolder(input: input.fileHandleForWriting, end: end)
    }

    /// Lets the file go; returns when the program has ended.
    func release() async throws {
        try input.close()
        for await _ in end {}
    }
}

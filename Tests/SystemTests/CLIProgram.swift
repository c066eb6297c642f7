import Foundation

/// Runs the built executable, which stands beside the tests.
enum CLIProgram {
    struct Run {
        let code: Int32
        let output: String
        let errors: String
    }

    static func run(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> Run {
        let process = process(arguments)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clawcast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let basics = ["HOME": folder.path, "PATH": "/usr/local/bin:/usr/bin:/bin"]
        process.environment = basics.merging(variables) { $1 }
        let output = folder.appendingPathComponent("output")
        let errors = folder.appendingPathComponent("errors")
        try Data().write(to: output)
        try Data().write(to: errors)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Run(
            code: process.terminationStatus, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    static func process(_ arguments: [String]) -> Process {
        let process = Process()
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("clawcast")
        process.arguments = arguments
        return process
    }
}

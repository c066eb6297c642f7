import Foundation

/// Runs a script of `Tests/SystemTests/Python` to its end.
///
/// The interpreter is that of the environment which `deploy/test` makes in `.build/python`, else the machine's.
enum Python {
    static func run(
        _ script: String, _ arguments: [String] = [], input: [UInt8], environment: [String: String] = [:]
    ) async throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let own = root.appendingPathComponent(".build/python/bin/python")
        let isInstalled = FileManager.default.isExecutableFile(atPath: own.path)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clawcast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["input", "output", "errors"].map { folder.appendingPathComponent($0) }
        try Data(input).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }

        let process = Process()
        process.executableURL = isInstalled ? own : URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            (isInstalled ? [] : ["python3"])
            + [tests.appendingPathComponent("Python/\(script)").path] + arguments
        let basics = ["PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"]
        process.environment = basics.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard process.terminationStatus == 0 else {
            let errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
            throw SystemTestError("\(script) ended with \(process.terminationStatus): \(errors)")
        }
        return String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }
}

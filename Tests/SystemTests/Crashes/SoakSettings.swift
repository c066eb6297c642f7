import Foundation

/// How long the random rounds go on, and by which dice: `CLAWCAST_SOAK_ROUNDS`, `CLAWCAST_SOAK_SEED`;
/// what is seen meanwhile goes to the file `CLAWCAST_SOAK_LOG`, else to standard output.
struct SoakSettings: Sendable {
    let rounds: Int
    let seed: UInt64
    private let log: String?

    static let current = SoakSettings(environment: ProcessInfo.processInfo.environment)

    init(environment: [String: String]) {
        rounds = environment["CLAWCAST_SOAK_ROUNDS"].flatMap { Int($0) } ?? 10
        seed = environment["CLAWCAST_SOAK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)
        log = environment["CLAWCAST_SOAK_LOG"]
    }

    /// Tells how it goes, so that a run can be watched and repeated.
    func say(_ line: String) throws {
        let bytes = Data((line + "\n").utf8)
        guard let log else { return FileHandle.standardOutput.write(bytes) }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try file.seekToEnd()
        try file.write(contentsOf: bytes)
        try file.close()
    }
}

import Foundation

/// How long the random rounds go on, and by which dice: `CLAWCAST_SOAK_ROUNDS`, `CLAWCAST_SOAK_SEED`.
struct SoakSettings: Sendable {
    let rounds: Int
    let seed: UInt64

    static let current = SoakSettings(environment: ProcessInfo.processInfo.environment)

    init(environment: [String: String]) {
        rounds = environment["CLAWCAST_SOAK_ROUNDS"].flatMap { Int($0) } ?? 10
        seed = environment["CLAWCAST_SOAK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)
    }
}

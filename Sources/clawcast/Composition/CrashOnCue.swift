import Distribution
import Glibc
import Logging
import Orchestrator
import Synchronization

/// Kills this very process when it reaches a boundary for the n-th time, for tests: `CLAWCAST_CRASH_AT=jobs-sent:2`.
///
/// By SIGKILL, as the kernel would: nothing is flushed, closed or told.
final class CrashOnCue: CrashPoints {
    static let variable = "CLAWCAST_CRASH_AT"

    let point: CrashPoint
    let occurrence: Int
    private let passed = Atomic<Int>(0)

    /// - Returns: nil where nobody asks for a crash.
    /// - Throws: A ``ConfigurationError`` that lists the boundaries, for a name that is none or a count below 1.
    init?(environment: [String: String]) throws(ConfigurationError) {
        guard let text = environment[Self.variable], !text.isEmpty else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let occurrence = parts.count == 1 ? 1 : Int(parts[1]) ?? 0
        guard let point = CrashPoint(rawValue: String(parts[0])), occurrence >= 1 else {
            let names = CrashPoint.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(["\(Self.variable) must be NAME or NAME:COUNT, and NAME one of \(names)."])
        }
        self.point = point
        self.occurrence = occurrence
    }

    func announce(_ logger: Logger) {
        logger.critical(
            "This process will kill itself, as CLAWCAST_CRASH_AT asks it to. That is for tests only.",
            metadata: ["point": "\(point.rawValue)", "occurrence": "\(occurrence)"])
    }

    /// Has the boundary reached soon that otherwise takes a quarter of an hour.
    func hasten(_ settings: inout OrchestratorSettings) {
        guard point == .missingJobsReissued else { return }
        settings.reconcileIntervalMilliseconds = 300
        settings.reconcileConfirmMilliseconds = 300
        settings.missingAfterMilliseconds = 500
    }

    func reached(_ point: CrashPoint) {
        guard point == self.point, passed.wrappingAdd(1, ordering: .relaxed).newValue == occurrence else { return }
        kill(getpid(), SIGKILL)
        // The signal is on its way; not one step more is to be taken here.
        while true { pause() }
    }
}

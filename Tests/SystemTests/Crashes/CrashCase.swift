import Distribution
import Foundation

/// One cell of the matrix: the process dies at this boundary, when it comes there for this time.
struct CrashCase: Sendable, CustomStringConvertible {
    let point: CrashPoint
    let occurrence: Int

    /// As `CLAWCAST_CRASH_AT` has it.
    var description: String { "\(point.rawValue):\(occurrence)" }

    /// Every boundary; those of the ledger also in the middle of what goes on, since each commit is one.
    ///
    /// `CLAWCAST_CRASH_CASES=jobs-sent:1,recovered:1` leaves only those.
    static let all = CrashPoint.allCases.flatMap { point in
        occurrences(of: point).map { CrashCase(point: point, occurrence: $0) }.filter(isAskedFor)
    }

    /// Where the first process starts: on a ledger that was left in the middle of an attempt, so that there is something
    /// to recover.
    var startsAfterCrash: Bool { point == .recovered }

    /// Whether the process dies in the middle of an attempt.
    var leavesDoubt: Bool { [.attemptBegun, .attemptAnswered, .recovered].contains(point) }

    /// Whether it is reached only where the broker leaves a consumer without an answer; see ``RenewalCrash``.
    var needsStuckQueue: Bool {
        [.queueCondemned, .queueDeleted, .queueRenewed, .lostJobsReissued].contains(point)
    }

    /// Whether it is reached only where something is too old to be kept; see ``RetentionCrash``.
    var needsOldPlan: Bool { point == .retentionStepCommitted }

    /// Whether it is reached only where the broker has lost a job; see ``ReconciliationCrash``.
    var needsLostJob: Bool { point == .missingJobsReissued }

    /// Whether it is reached only where a plan, or a target, has more jobs than one step takes; see ``StepCrash``.
    var needsManyJobs: Bool {
        [.cancellationStepCommitted, .retryStepCommitted, .deletionStepCommitted, .targetDeleted].contains(point)
    }

    /// Whether it is reached in the ordinary course of things; see ``CrashStory``.
    var isOrdinary: Bool { !needsStuckQueue && !needsOldPlan && !needsLostJob && !needsManyJobs }

    private static func isAskedFor(_ each: CrashCase) -> Bool {
        guard let names = ProcessInfo.processInfo.environment["CLAWCAST_CRASH_CASES"] else { return true }
        return names.split(separator: ",").contains { $0 == "\(each)" }
    }

    private static func occurrences(of point: CrashPoint) -> [Int] {
        switch point {
        case .transactionWritten, .transactionCommitted: [1, 4, 9, 16]
        case .attemptBegun, .attemptAnswered, .jobsSent, .planCommitted, .eventsDeleted: [1, 4]
        // Attempts that were opened with their plan come first, and have no message.
        case .successRecorded: [1, 2, 4]
        case .cancellationStepCommitted, .retryStepCommitted: [1, 2]
        // Letters go in three steps, then the plan.
        case .retentionStepCommitted: [1, 4, 5]
        default: [1]
        }
    }
}

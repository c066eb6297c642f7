import Distribution
import Logging

/// Lets what is too old go: dead letters, the bytes of jobs that have ended, and whole plans, in that order.
///
/// Each step is one small transaction that ends by the clock, followed by a rest, so that deliveries get their turn. It
/// goes on where the ledger has grown to its limit, since it makes room; in any other trouble it waits.
struct Retention: Sendable {
    /// Jobs of the first step, and of any.
    private static let stepLimit = 100
    private static let largestStep = 200
    /// A step that has kept the writer for longer is followed by a smaller one.
    private static let longStep: Int64 = 15
    private static let shortStep: Int64 = 5
    /// A step is followed by a rest of so many times its length.
    private static let restFactor: Int64 = 3
    private static let shortestRest: Int64 = 5

    let ports: Ports
    let gate: LedgerGate
    let settings: OrchestratorSettings
    let metrics: OrchestratorMetrics

    private enum Stage: String, CaseIterable {
        case deadLetters, payloads, plans, runs
    }

    /// Looks every now and then until cancelled.
    func run() async {
        guard let interval = settings.retentionIntervalMilliseconds else { return }
        var longest: Int64 = 0
        while !Task.isCancelled {
            do {
                for stage in Stage.allCases { try await finish(stage, &longest) }
            } catch is CancellationError {
                return
            } catch {
                ports.logger.warning("What is old could not be removed.", metadata: ["error": "\(error)"])
            }
            guard (try? await ports.time.sleep(until: ports.time.now().adding(milliseconds: interval))) != nil else {
                return
            }
        }
    }

    private func finish(_ stage: Stage, _ longest: inout Int64) async throws {
        var (size, rows) = (Self.stepLimit, 0)
        while true {
            let start = ports.time.monotonicMilliseconds()
            let step = try await gate.relieve { [size] () async throws(LedgerError) -> RetentionStep in
                try await self.step(of: stage, limit: size)
            }
            if step.rows > 0 { ports.crashPoints?.reached(.retentionStepCommitted) }
            let length = ports.time.monotonicMilliseconds() - start
            rows += step.rows
            longest = max(longest, step.heldMilliseconds)
            metrics.retired(rows: step.rows, longest: longest)
            guard !step.isLast else { break }
            size = Self.size(after: size, held: step.heldMilliseconds)
            try await rest(after: step.rows == 0 ? 1_000 : length)
        }
        guard rows > 0 else { return }
        ports.logger.info("What was too old is gone.", metadata: ["what": "\(stage.rawValue)", "rows": "\(rows)"])
    }

    private func step(of stage: Stage, limit: Int) async throws(LedgerError) -> RetentionStep {
        let now = ports.time.now()
        let letters = now.adding(milliseconds: -settings.deadLetterRetentionMilliseconds)
        let plans = now.adding(milliseconds: -settings.retentionMilliseconds)
        return switch stage {
        case .deadLetters:
            try await ports.ledger.purgeDeadLetters(diedBefore: letters, limit: limit, at: now)
        case .payloads:
            try await ports.ledger.releasePayloads(ofPlansEndedBefore: letters, limit: limit, at: now)
        case .plans: try await ports.ledger.removePlans(endedBefore: plans, limit: limit)
        case .runs: try await ports.ledger.removeDeadLetterRuns(endedBefore: plans, limit: limit)
        }
    }

    private func rest(after length: Int64) async throws {
        let rest = max(Self.shortestRest, min(length, 1_000) * Self.restFactor)
        try await ports.time.sleep(until: ports.time.now().adding(milliseconds: rest))
    }

    /// How many jobs the next step does.
    static func size(after size: Int, held: Int64) -> Int {
        if held >= longStep { return max(1, size / 2) }
        return held < shortStep ? min(largestStep, size + max(1, size / 4)) : size
    }
}

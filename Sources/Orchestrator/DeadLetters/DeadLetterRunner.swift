import Distribution
import Logging

/// Carries out the runs over dead letters that the ledger holds: step by step, no faster than each was asked to be, on
/// from where an earlier process has left them.
///
/// Runs take turns. A step and how far its run has come are one transaction, so no letter is handled twice by one run,
/// whatever happens between two steps. A ledger in trouble is told of by its gate; runs go on when it is well again, and
/// purges also where it has grown to its limit, since they make room.
final class DeadLetterRunner: Sendable {
    /// A run comes to its turn so many times a second.
    private static let turnsPerSecond = 5
    private static let turnMilliseconds: Int64 = 1_000 / Int64(turnsPerSecond)
    /// Letters of one step at most.
    private static let stepLimit = 200
    /// Milliseconds after which a run tries again that the ledger would not take a step of.
    private static let patience: Int64 = 1_000

    private let ports: Ports
    private let gate: LedgerGate
    private let releaser: Releaser
    private let metrics: OrchestratorMetrics
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(ports: Ports, gate: LedgerGate, releaser: Releaser, metrics: OrchestratorMetrics) {
        self.ports = ports
        self.gate = gate
        self.releaser = releaser
        self.metrics = metrics
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that a run was written down.
    func runCreated() {
        signal.yield()
    }

    /// Carries runs out until cancelled.
    func run() async {
        // What an earlier process left is gone on with.
        signal.yield()
        for await _ in signals {
            var backoff = Backoff()
            var paces: [DeadLetterRunID: Int64] = [:]
            while !Task.isCancelled {
                do {
                    guard let wait = try await turn(&paces) else { break }
                    if wait > 0 { try await ports.time.sleep(until: ports.time.now().adding(milliseconds: wait)) }
                    backoff = Backoff()
                } catch is CancellationError {
                    return
                } catch let error as LedgerError where error.kind == .unavailable {
                    guard (try? await backoff.wait(ports.time, ports.randomness)) != nil else { return }
                } catch {
                    ports.logger.error("A run over dead letters could not go on.", metadata: ["error": "\(error)"])
                    guard (try? await backoff.wait(ports.time, ports.randomness)) != nil else { return }
                }
            }
        }
    }

    /// Lets each run that is due make one step.
    ///
    /// - Parameter paces: When each run may make its next step, by the monotonic clock.
    /// - Returns: Milliseconds until the next one may; nil where none is left.
    private func turn(_ paces: inout [DeadLetterRunID: Int64]) async throws -> Int64? {
        let runs = try await gate.noticing { () throws(LedgerError) in try await ports.ledger.openDeadLetterRuns() }
        guard !runs.isEmpty else { return nil }
        var next = Int64.max
        for run in runs where !Task.isCancelled {
            let start = ports.time.monotonicMilliseconds()
            var due = paces[run.id] ?? start
            if due <= start {
                do throws(LedgerError) {
                    guard let pause = try await step(run) else { continue }
                    due = start + pause
                } catch {
                    guard error.kind == .unavailable else { throw error }
                    // Others may go on.
                    due = start + Self.patience
                }
                paces[run.id] = due
            }
            next = min(next, due)
        }
        guard next < .max else { return 0 }
        let rest = next - ports.time.monotonicMilliseconds()
        // One that is asked for meanwhile is not kept waiting by a slow one.
        return min(max(rest, 0), Self.turnMilliseconds)
    }

    /// - Returns: Milliseconds until the run may make its next step; nil where it has ended.
    private func step(_ run: DeadLetterRun) async throws(LedgerError) -> Int64? {
        guard let step = try await advance(run) else { return nil }
        switch run.kind {
        case .replay:
            ports.crashPoints?.reached(.replayStepCommitted)
            if step.handled > 0 { releaser.sweepLedger() }
        case .purge: ports.crashPoints?.reached(.purgeStepCommitted)
        }
        metrics.deadLettersHandled(step.handled, by: run.kind)
        guard step.run.status == .running else {
            ports.logger.notice(
                "A run over dead letters is done.",
                metadata: [
                    "id": "\(run.id)", "kind": "\(run.kind.rawValue)", "handled": "\(step.run.handled)",
                    "skipped": "\(step.run.skipped)",
                ])
            return nil
        }
        return Int64(step.handled) * 1_000 / Int64(run.ratePerSecond)
    }

    private func advance(_ run: DeadLetterRun) async throws(LedgerError) -> DeadLetterRunStep? {
        let limit = min(max(run.ratePerSecond / Self.turnsPerSecond, 1), Self.stepLimit)
        let advance = { @Sendable [ports] () async throws(LedgerError) -> DeadLetterRunStep? in
            try await ports.ledger.advanceDeadLetterRun(run.id, limit: limit, at: ports.time.now())
        }
        return switch run.kind {
        case .replay: try await gate.persistNow(advance)
        case .purge: try await gate.relieveNow(advance)
        }
    }
}

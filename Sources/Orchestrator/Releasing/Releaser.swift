import Distribution
import Logging
import Synchronization

/// The one publisher of jobs: straight to their queues when due, into the delay ladder when they are to be tried again
/// later.
///
/// Jobs come from memory right after the commit that owes them; from the ledger on start, after every reconnection, after
/// a failed publication, and where more are owed than are kept in memory (``ReleaseBacklog``). What waits for the time of
/// its plan waits in the ledger and comes from there when due. Whatever is not confirmed stays owed there.
final class Releaser: Sendable {
    /// Jobs that are published together; their encoded messages are in memory at once.
    static let batchLimit = 128
    /// Batches that wait for the broker's confirms at once.
    private static let batchesInFlight = 4
    /// Milliseconds between a failed publication and the next look into the ledger.
    private static let sweepDelay: Int64 = 1_000

    let ports: Ports
    let gate: LedgerGate
    let schedule: Schedule
    private let metrics: OrchestratorMetrics
    private let confirmations: DeferredWrite<PublishedEpoch>
    /// Targets whose jobs are not to be published for now.
    let quarantine: QueueQuarantine
    let backlog: SharedBacklog
    private let room = Turnstile()
    private let underWay = Mutex(BatchesUnderWay())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let sweeps: AsyncStream<Void>
    private let sweep: AsyncStream<Void>.Continuation
    private let failures: AsyncStream<Void>
    private let failure: AsyncStream<Void>.Continuation

    init(ports: Ports, gate: LedgerGate, settings: OrchestratorSettings, metrics: OrchestratorMetrics) {
        self.ports = ports
        self.gate = gate
        self.metrics = metrics
        schedule = Schedule(time: ports.time, clockCheckMilliseconds: settings.clockCheckMilliseconds)
        quarantine = QueueQuarantine(metrics: metrics)
        let backlog = SharedBacklog()
        self.backlog = backlog
        confirmations = DeferredWrite(
            ports: ports, gate: gate, delayMilliseconds: settings.confirmDelayMilliseconds
        ) { confirmed throws(LedgerError) in
            do throws(LedgerError) {
                try await ports.ledger.confirm(jobs: confirmed)
            } catch {
                // What no repetition mends is not tried again; the next sweep publishes a copy.
                if error.kind == .invalid { backlog.withLock { $0.forget(confirmed) } }
                throw error
            }
            backlog.withLock { $0.forget(confirmed) }
            ports.crashPoints?.reached(.jobsMarked)
        }
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (sweeps, sweep) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (failures, failure) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Publishes jobs that the ledger owes since a moment ago.
    func release(_ jobs: [OwedJob]) {
        guard !jobs.isEmpty else { return }
        let wasEmpty = backlog.withLock { backlog in
            defer { backlog.add(jobs) }
            return backlog.isEmpty
        }
        if wasEmpty { signal.yield() }
    }

    /// Publishes jobs when their time has come, which the ledger keeps until then.
    func announce(jobsFor time: Timestamp) {
        schedule.announce(time)
    }

    /// Returns once more jobs can be kept in memory, or when nobody is to wait any more: what comes in from a queue is
    /// better kept there. After ten minutes, too: RabbitMQ closes the channel of a message that is held for thirty.
    func untilRoom() async {
        guard backlog.withLock({ $0.isFull }) else { return }
        let deadline = ports.time.now().adding(milliseconds: LedgerTrouble.patience)
        await room.pass(until: deadline, ports.time) { !backlog.withLock { $0.isFull } }
    }

    /// Lets everybody go who waits for room: the service stops.
    func stopWaiting() {
        room.open()
    }

    /// Jobs in memory that wait to be published.
    var waitingJobs: Int { backlog.withLock { $0.count } }

    /// Looks for owed jobs in the ledger, as after a reconnection or when a target was enabled.
    func sweepLedger() {
        sweep.yield()
        schedule.beginAnew()
    }

    /// Puts a job that came too early back into the ladder, as the same epoch.
    ///
    /// - Returns: Whether the broker has it.
    func reenter(_ job: OwedJob) async -> Bool {
        await ports.broker.publish(jobs: [outgoing(job, now: ports.time.now())]) == [.confirmed]
    }

    /// Publishes until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.publishPending() }
            group.addTask { await self.publishOwed() }
            group.addTask { await self.publishScheduled() }
            group.addTask { await self.sweepAfterFailures() }
            group.addTask { await self.confirmations.run() }
        }
    }

    /// Notes every confirm that is still to be noted, as before the end.
    func flushConfirmations() async {
        try? await confirmations.flush()
    }

    /// Notes every confirm that has come so far.
    func noteConfirmations() async throws {
        try await confirmations.flush()
    }

    /// The jobs of a target that are being published now, or whose confirms are being noted.
    func claimsUnderWay(to id: TargetID) -> [JobClaim] {
        underWay.withLock { $0.claims(of: id) }
    }

    private func publishPending() async {
        await withTaskGroup(of: Void.self) { group in
            var open = 0
            for await _ in signals {
                while let batch = takeBatch() {
                    if open == Self.batchesInFlight {
                        await group.next()
                        open -= 1
                    }
                    open += 1
                    group.addTask { await self.publish(batch) }
                }
                if backlog.withLock({ $0.catchesUp() }) { sweep.yield() }
            }
        }
    }

    private func takeBatch() -> [OwedJob]? {
        let (batch, isFull) = backlog.withLock { ($0.take(Self.batchLimit), $0.isFull) }
        if !isFull { room.letThrough() }
        return batch.isEmpty ? nil : batch
    }

    private func publishOwed() async {
        for await _ in sweeps {
            var last: JobID?
            do {
                // What is confirmed already need not leave again.
                try await confirmations.flush()
                while true {
                    let after = last
                    let jobs = try await gate.persist { () throws(LedgerError) in
                        try await ports.ledger.owedJobs(after: after, limit: Self.batchLimit)
                    }
                    guard let newest = jobs.last else { break }
                    ports.crashPoints?.reached(.owedJobsRead)
                    guard await publish(backlog.withLock { $0.admit(jobs) }) else { break }
                    last = newest.claim.jobID
                }
            } catch {
                guard !(error is CancellationError) else { return }
                ports.logger.error("Owed jobs could not be read.", metadata: ["error": "\(error)"])
            }
        }
    }

    /// - Parameter owed: Jobs that are known to the ``backlog``.
    /// - Returns: Whether the broker confirmed all that may be published; where not, the ledger is swept again.
    @discardableResult
    func publish(_ owed: [OwedJob]) async -> Bool {
        let jobs = quarantine.admitted(owed)
        if jobs.count < owed.count { forget(owed, but: jobs.map(\.published)) }
        guard !jobs.isEmpty else { return true }
        let number = underWay.withLock { $0.begin(jobs) }
        defer { underWay.withLock { $0.end(number) } }
        let now = ports.time.now()
        let messages = jobs.map { outgoing($0, now: now) }
        let publications = await ports.broker.publish(jobs: messages)
        if let crashPoints = ports.crashPoints {
            if messages.contains(where: { $0.delayMilliseconds == 0 }) { crashPoints.reached(.jobsConfirmed) }
            if messages.contains(where: { $0.delayMilliseconds > 0 }) { crashPoints.reached(.delayedJobsConfirmed) }
        }
        let confirmed = zip(jobs, publications).filter { $1 == .confirmed }.map(\.0.published)
        if confirmed.count < jobs.count { forget(jobs, but: confirmed) }
        metrics.jobsPublished(confirmed.count)
        do {
            try await confirmations.note(confirmed)
        } catch {
            // Published but not noted: the sweep publishes a copy, which is found to be stale.
            backlog.withLock { $0.forget(confirmed) }
            sweepLater()
            return false
        }
        guard confirmed.count == jobs.count else {
            sweepLater()
            return false
        }
        return true
    }

    /// What is not published is known to the ledger alone again.
    private func forget(_ jobs: [OwedJob], but kept: [PublishedEpoch]) {
        let kept = Set(kept)
        backlog.withLock { $0.forget(jobs.lazy.map(\.published).filter { !kept.contains($0) }) }
    }

    /// Looks into the ledger again after a while: something could not be published, or not be read.
    func sweepLater() {
        failure.yield()
    }

    /// After a reconnection that is done anyway, and at once.
    private func sweepAfterFailures() async {
        for await _ in failures {
            guard await isConnected() else { continue }
            try? await ports.time.sleep(until: ports.time.now().adding(milliseconds: Self.sweepDelay))
            sweepLedger()
        }
    }

    private func isConnected() async -> Bool {
        for await health in ports.broker.health() {
            if case .disconnected = health { return false }
            break
        }
        return true
    }

    private func outgoing(_ job: OwedJob, now: Timestamp) -> OutgoingJob {
        OutgoingJob(
            claim: job.claim, attempt: job.attempt, contentType: job.contentType, body: job.body, trace: job.trace,
            delayMilliseconds: max(0, job.dueAt.milliseconds(since: now)))
    }
}

import Distribution
import Logging

extension Releaser {
    /// Batches of scheduled jobs that wait for the broker's confirms at once; one more is read meanwhile.
    private static let scheduledBatchesInFlight = 2

    /// Hands scheduled jobs to the broker when their time has come, until cancelled.
    func publishScheduled() async {
        while !Task.isCancelled {
            do {
                switch schedule.decide({ [now = ports.time.now()] in $0.step(at: now) }) {
                case .handOut(let isAnew): try await handOut(isAnew: isAnew)
                case .rest(let moment): await schedule.rest(until: moment)
                }
            } catch {
                guard !(error is CancellationError) else { return }
                ports.logger.error("Scheduled jobs could not be read.", metadata: ["error": "\(error)"])
                // What is damaged is not mended by trying again at once.
                schedule.decide { $0.stall() }
                sweepLater()
            }
        }
    }

    /// Hands out what is due, in its order, until nothing is left, the broker does not take it, or it begins anew.
    private func handOut(isAnew: Bool) async throws {
        // What is confirmed already need not leave again.
        if isAnew { try await noteConfirmations() }
        var lookedBy: Timestamp?
        let isTaken = try await withThrowingTaskGroup(of: Bool.self) { group in
            var (open, isTaken) = (0, true)
            while isTaken, let (batch, by) = try await nextDueJobs() {
                if batch.count < Self.batchLimit { lookedBy = by }
                // What is on its way already is looked for again should it fail.
                let jobs = backlog.withLock { $0.admit(batch) }
                if !jobs.isEmpty {
                    ports.crashPoints?.reached(.scheduledJobsRead)
                    if open == Self.scheduledBatchesInFlight {
                        isTaken = try await group.next() ?? true
                        open -= 1
                    }
                    group.addTask { await self.publish(jobs) }
                    open += 1
                }
                if lookedBy != nil { break }
            }
            for try await wasTaken in group { isTaken = isTaken && wasTaken }
            return isTaken
        }
        guard isTaken else { return schedule.decide { $0.stall() } }
        if let lookedBy { try await lookUpNext(after: lookedBy) }
    }

    /// - Returns: The next jobs, and by when they are due; nil where it is to begin anew.
    private func nextDueJobs() async throws -> ([OwedJob], by: Timestamp)? {
        let now = ports.time.now()
        guard let position = schedule.decide({ $0.read(by: now) }) else { return nil }
        let jobs = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.dueJobs(after: position, by: now, limit: Self.batchLimit)
        }
        if let last = jobs.last { schedule.decide { $0.handedOut(through: last.schedulePosition) } }
        return (jobs, now)
    }

    private func lookUpNext(after moment: Timestamp) async throws {
        let end = schedule.decide { $0.exhausted(by: moment) }
        let next = try await gate.persist { () throws(LedgerError) in try await ports.ledger.nextDueTime(after: end) }
        schedule.decide { $0.found(next) }
    }
}

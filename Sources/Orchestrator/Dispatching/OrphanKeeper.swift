import Distribution
import Logging
import Sealing
import Synchronization

/// Takes care of job messages that found no queue: the queue is declared again and the job handed out again, or it is
/// let go where the ledger has no use for it any more, or put into quarantine where the ledger does not know it so.
///
/// Nothing comes round without a pause, whatever keeps an orphan from being taken care of.
final class OrphanKeeper: Sendable {
    private let ports: Ports
    private let gate: LedgerGate
    private let directory: TargetDirectory
    private let releaser: Releaser
    private let settings: OrchestratorSettings
    private let memory = Mutex(OrphanMemory())

    init(
        ports: Ports, gate: LedgerGate, directory: TargetDirectory, releaser: Releaser, settings: OrchestratorSettings
    ) {
        self.ports = ports
        self.gate = gate
        self.directory = directory
        self.releaser = releaser
        self.settings = settings
    }

    /// Handles orphans until the stream ends; those of one target after the other, different targets side by side.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await batch in ports.broker.orphanedJobs {
                let byTarget = Dictionary(grouping: batch) { Self.target(of: $0) }
                for (_, messages) in byTarget.sorted(by: { $0.key < $1.key }) {
                    group.addTask { await self.handle(messages) }
                }
            }
            group.cancelAll()
        }
    }

    private static func target(of message: IncomingJobMessage) -> TargetID {
        if case .success(let claim) = message.claim { claim.targetID } else { TargetID(0) }
    }

    /// - Parameter messages: Of one target, or all without sense.
    private func handle(_ messages: [IncomingJobMessage]) async {
        var isOpen = false
        for (index, message) in messages.enumerated() {
            var isDone = false
            do {
                isDone = try await handle(message, isOpen: &isOpen)
            } catch {
                ports.logger.warning("An orphaned job waits for its queue.", metadata: ["error": "\(error)"])
            }
            guard isDone else {
                try? await pause(OrphanMemory.shortestPause)
                return messages[index...].forEach { $0.settlement.giveBack() }
            }
            message.settlement.acknowledge()
        }
    }

    /// - Parameter isOpen: Whether the target's queue has just been opened.
    /// - Returns: Whether the message is of no use any more.
    private func handle(_ message: IncomingJobMessage, isOpen: inout Bool) async throws -> Bool {
        switch message.claim {
        case .failure(let error): return await quarantine(message, as: error)
        case .success(let claim):
            switch try await admit(claim, message) {
            case .mismatch(let reason):
                return await quarantine(message, as: DeliveryError(code: .jobMismatch, message: reason))
            case .stale where message.isDeadLetter: return try await replay(claim, &isOpen)
            case .stale: return true
            case .start, .early, .expired: return try await handOutAnew(claim, &isOpen)
            }
        }
    }

    private func admit(_ claim: JobClaim, _ message: IncomingJobMessage) async throws -> AttemptAdmission {
        let snapshot = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.jobSnapshot(claim.jobID, domainID: claim.domainID)
        }
        let request = AttemptRequest(
            claim: claim, payloadDigest: SHA256.digest(message.body), isRedelivered: message.isRedelivered,
            startedAt: ports.time.now())
        return AttemptAdmission.decide(on: snapshot?.summary.job, for: request)
    }

    /// - Returns: false where the target is being deleted, or was created a moment ago: it is looked at again.
    private func handOutAnew(_ claim: JobClaim, _ isOpen: inout Bool) async throws -> Bool {
        guard let target = directory.target(claim.targetID) else { return false }
        let wait = memory.withLock { $0.pause(before: claim.jobID, at: ports.time.monotonicMilliseconds()) }
        if wait > 0 {
            ports.logger.warning(
                "A job finds no queue again and again.",
                metadata: ["jobId": "\(claim.jobID)", "targetId": "\(target.id)"])
            try await pause(wait)
        }
        try await open(target, &isOpen)
        let job = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.reissue(jobID: claim.jobID, epoch: claim.epoch)
        }
        // Of a disabled target it stays owed until the target is enabled; published now, it would be an orphan again.
        if let job, target.isActive { releaser.release([job]) }
        return true
    }

    /// A dead letter that was moved back, to a target whose queue is gone.
    private func replay(_ claim: JobClaim, _ isOpen: inout Bool) async throws -> Bool {
        guard let target = directory.target(claim.targetID) else { return true }
        try await open(target, &isOpen)
        let outcome = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.retryJob(
                claim.jobID, domainID: claim.domainID, epoch: claim.epoch, at: ports.time.now())
        }
        if case .retried = outcome { releaser.sweepLedger() }
        return true
    }

    private func open(_ target: Target, _ isOpen: inout Bool) async throws {
        guard target.isActive, !isOpen else { return }
        let prefetch = min(target.delivery.maxInFlight, settings.prefetchPerTarget)
        try await ports.broker.open(target.queue, prefetch: prefetch)
        isOpen = true
    }

    private func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Bool {
        ports.logger.warning(
            "An orphaned job message was put into quarantine.",
            metadata: ["code": "\(error.code.rawValue)", "error": "\(error.message)"])
        return await ports.broker.quarantine(message, as: error) == .confirmed
    }

    private func pause(_ milliseconds: Int64) async throws {
        try await ports.time.sleep(until: ports.time.now().adding(milliseconds: milliseconds))
    }
}

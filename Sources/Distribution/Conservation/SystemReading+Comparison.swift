extension SystemReading {
    /// Compares what the broker holds with what the ledger expects there.
    ///
    /// Queues cannot be searched, so counts are compared: fewer messages than jobs that wait for one are missed where
    /// the system is quiet, and not judged otherwise; more are copies, which do no harm.
    package func findings(isQuiet: Bool) -> ConservationFindings {
        var findings = ConservationFindings()
        if isQuiet {
            addMissing(to: &findings)
        } else {
            findings.add(.systemBusy, busyness)
        }
        for target in targets {
            let waiting = waiting[target.queue.targetID] ?? WaitingJobs()
            guard let depth = census.targets[target.queue.targetID] else {
                if target.isActive { findings.add(.queueMissing, "target \(target.queue.targetID)") }
                continue
            }
            if depth.ready > waiting.open {
                findings.add(.messagesSurplus, Self.subject(target, depth.ready, waiting.open))
            }
        }
        let open = total.open
        if census.ladder > open { findings.add(.messagesSurplus, "delay ladder: \(census.ladder) for \(open) jobs") }
        if census.orphans.ready > 0 { findings.add(.orphansWaiting, "\(census.orphans.ready) messages") }
        if census.unrouted.ready > 0 { findings.add(.messagesUnrouted, "\(census.unrouted.ready) messages") }
        return findings
    }

    /// A job that is due waits in its queue, unless it is late in the ladder or an orphan: whatever those hold beyond
    /// the jobs that are still to wait may be it.
    private func addMissing(to findings: inout ConservationFindings) {
        let delayed = total.delayed
        let elsewhere = max(0, census.ladder + census.orphans.ready - delayed)
        var early = 0
        for target in targets {
            let waiting = waiting[target.queue.targetID] ?? WaitingJobs()
            let depth = census.targets[target.queue.targetID] ?? QueueDepth()
            early += max(0, depth.ready - waiting.settled)
            guard waiting.settled > depth.ready + elsewhere else { continue }
            let mayBeHeld = target.isRateLimited && depth.consumers > 0
            findings.add(
                mayBeHeld ? .messagesUnseen : .messagesMissing, Self.subject(target, depth.ready, waiting.settled))
        }
        // A message that left the ladder early, as a very long delay does, waits in its target's queue.
        if delayed > census.ladder + early {
            findings.add(.delayedMessagesMissing, "delay ladder: \(census.ladder) for \(delayed) jobs")
        }
    }

    private var busyness: String {
        let total = total
        return "\(total.running) attempts in flight, \(total.recent) messages on their way, "
            + "\(pulse.owedEvents) events and \(owedMessages) messages owed"
    }

    private var owedMessages: Int { total.unconfirmed + pulse.owedDeadLetters }

    private static func subject(_ target: AuditTarget, _ found: Int, _ expected: Int) -> String {
        "target \(target.queue.targetID): \(found) for \(expected) jobs"
    }
}

extension ConservationReport {
    /// The report for machines.
    package var json: JSON {
        .object([
            "holds": .bool(holds), "checkedAt": .string(checkedAt.iso8601), "ledger": ledger.json,
            "broker": messages.map { $0.json(isQuiet: isQuiet) } ?? .null,
            "violations": .array(findings.violations.map(\.json)), "warnings": .array(findings.warnings.map(\.json)),
        ])
    }
}

extension ConservationFinding {
    package var json: JSON {
        .object([
            "code": .string(problem.rawValue), "count": .integer(count), "message": .string(problem.sentence),
            "subjects": .array(subjects.map { .string($0) }), "remediation": .string(problem.remediation),
        ])
    }
}

extension LedgerAudit {
    fileprivate var json: JSON {
        let states = JobStatus.allCases.map { ($0.rawValue, JSON.integer(jobs[$0])) }
        return .object([
            "plans": .integer(plans), "jobs": .object(JSONObject([("total", .integer(jobs.total))] + states)),
            "attempts": .integer(attempts), "receipts": .integer(receipts), "owedEvents": .integer(owedEvents),
            "payloadsHashed": .integer(payloads),
        ])
    }
}

extension SystemReading {
    fileprivate func json(isQuiet: Bool) -> JSON {
        let queues = targets.map { target -> JSON in
            let waiting = waiting[target.queue.targetID] ?? WaitingJobs()
            let depth = census.targets[target.queue.targetID]
            return .object([
                "targetId": .integer(target.queue.targetID.rawValue),
                "channelType": .string(target.queue.channelType.rawValue), "active": .bool(target.isActive),
                "due": .integer(waiting.settled + waiting.recent), "delayed": .integer(waiting.delayed),
                "scheduled": .integer(waiting.held), "owed": .integer(waiting.unconfirmed),
                "running": .integer(waiting.running),
                "messages": depth.map { .integer($0.ready) } ?? .null,
                "consumers": depth.map { .integer($0.consumers) } ?? .null,
            ])
        }
        return .object([
            "quiet": .bool(isQuiet), "served": .bool(census.isServed), "targets": .array(queues),
            "delayed": .object(["expected": .integer(total.delayed), "messages": .integer(census.ladder)]),
            "plans": .integer(census.plans.ready), "orphans": .integer(census.orphans.ready),
            "unrouted": .integer(census.unrouted.ready), "deadLetters": .integer(census.deadLetters),
            "deadPlans": .integer(census.deadPlans.ready), "events": .integer(census.events.ready),
        ])
    }
}

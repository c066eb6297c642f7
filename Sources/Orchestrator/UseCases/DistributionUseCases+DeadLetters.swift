package import Distribution

extension DistributionUseCases {
    /// A run that was asked for.
    package struct AcceptedRun: Sendable, Hashable {
        package let run: DeadLetterRun
        /// The key had been used for the same request before; nothing was created.
        package let isRepetition: Bool
    }

    /// How many dead letters a run would handle, and how many it could not; nothing is changed.
    package func countDeadLetters(for run: NewDeadLetterRun) async throws(Refusal) -> DeadLetterCount {
        let count = try await ask { ledger throws(LedgerError) in
            try await ledger.countDeadLetters(domainID: run.domainID, run.selection, for: run.kind)
        }
        guard let limit = run.limit else { return count }
        let handled = min(count.handled, limit)
        return DeadLetterCount(handled: handled, skipped: min(count.skipped, limit - handled))
    }

    /// Writes a run down, which is then carried out in steps, also by the next process should this one end.
    ///
    /// A purge is taken also by a ledger that has grown to its limit: it is what makes room there.
    ///
    /// - Throws: `IDEMPOTENCY_KEY_REUSED` where its key stands for another request.
    package func startRun(_ new: NewDeadLetterRun) async throws(Refusal) -> AcceptedRun {
        let count = try await countDeadLetters(for: new)
        let create = { @Sendable [now = ports.time.now()] (ledger: any Ledger) async throws(LedgerError) in
            try await ledger.createDeadLetterRun(new, total: count.handled + count.skipped, at: now)
        }
        let acceptance = new.kind == .purge ? try await relieve(create) : try await change(create)
        switch acceptance {
        case .created(let run):
            ports.crashPoints?.reached(.deadLetterRunCommitted)
            runner.runCreated()
            return AcceptedRun(run: run, isRepetition: false)
        case .repeated(let run): return AcceptedRun(run: run, isRepetition: true)
        case .keyReused(let id): throw .keyReused(new.idempotencyKey ?? "", by: id)
        }
    }

    /// - Throws: `RUN_NOT_FOUND` where the domain has no run of this kind with this id.
    package func run(
        _ id: DeadLetterRunID, _ kind: DeadLetterRun.Kind, domainID: DomainID
    ) async throws(Refusal) -> DeadLetterRun {
        let run = try await ask { ledger throws(LedgerError) in
            try await ledger.deadLetterRun(id, domainID: domainID)
        }
        guard let run, run.kind == kind else { throw .runNotFound(id) }
        return run
    }

    package func runs(
        _ kind: DeadLetterRun.Kind, domainID: DomainID, _ page: Page
    ) async throws(Refusal) -> [DeadLetterRun] {
        try await ask { ledger throws(LedgerError) in
            try await ledger.deadLetterRuns(domainID: domainID, page, kind: kind)
        }
    }

    /// Ends a run before it is done; what it has done stays done.
    ///
    /// - Throws: `RUN_NOT_FOUND`, or `RUN_CANCEL_FORBIDDEN` where it is done.
    package func cancelRun(
        _ id: DeadLetterRunID, _ kind: DeadLetterRun.Kind, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> AcceptedRun {
        var before = try await run(id, kind, domainID: domainID)
        if !isRehearsal {
            let cancelled = try await relieve { [now = ports.time.now()] ledger throws(LedgerError) in
                try await ledger.cancelDeadLetterRun(id, domainID: domainID, at: now)
            }
            before = cancelled ?? before
        }
        guard before.status != .done else { throw .runCancelForbidden(before) }
        return AcceptedRun(
            run: try await run(id, kind, domainID: domainID), isRepetition: before.status == .cancelled)
    }
}

extension Refusal {
    static func keyReused(_ key: String, by run: DeadLetterRunID) -> Refusal {
        Refusal(
            .idempotencyKeyReused, "This idempotency key was used for another run over dead letters.",
            remediation: "Send the same request again with this key, or another request with a new key.",
            context: ["idempotencyKey": key, "runId": "\(run)"])
    }

    static func runNotFound(_ id: DeadLetterRunID) -> Refusal {
        Refusal(
            .runNotFound, "No such run over dead letters", remediation: Remediation.sentence(for: .runNotFound),
            context: ["runId": "\(id)"])
    }

    static func runCancelForbidden(_ run: DeadLetterRun) -> Refusal {
        Refusal(
            .runCancelForbidden, "The run is done.", remediation: Remediation.sentence(for: .runCancelForbidden),
            context: ["runId": "\(run.id)", "status": run.status.rawValue])
    }

    static func noDeadLetter(_ id: JobID, _ status: JobStatus) -> Refusal {
        Refusal(
            .jobNotFound, "The job is no dead letter: its status is \(status.rawValue).",
            remediation: "See it with GET /api/distribution/jobs/\(id).",
            context: ["jobId": "\(id)", "status": status.rawValue])
    }

    static func letterGone(_ id: JobID) -> Refusal {
        Refusal(
            .deadLetterExpired, "The dead letter was purged, by hand or for its age.",
            remediation: Remediation.sentence(for: .deadLetterExpired), context: ["jobId": "\(id)"])
    }
}

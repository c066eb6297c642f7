package import Distribution

extension SQLiteLedger {
    package func cancelPlan(
        _ cancellation: PlanCancellation, at now: Timestamp
    ) async throws(LedgerError) -> PlanRecall {
        let (recall, goOnAfter) = try await writer.perform { context in
            try context.cancelPlan(cancellation, limit: Self.sharedPart, at: now)
        }
        if case .cancelled(let id) = recall { try await finishCancellation(of: id, after: goOnAfter, at: now) }
        if case .repeated(let id) = recall { try await finishCancellation(of: id, after: goOnAfter, at: now) }
        return recall
    }

    package func cancelJob(
        _ id: JobID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> JobRecall {
        try await writer.perform { try $0.cancelJob(id, domainID: domainID, at: now) }
    }

    package func retryPlan(
        _ id: PlanID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> PlanRetryOutcome {
        let first = try await writer.perform { context in
            try context.retryPlan(id, domainID: domainID, limit: Self.sharedPart, at: now)
        }
        guard var (done, counts) = first else { return .unknown }
        while !done.isLast {
            writer.crashPoints?.reached(.retryStepCommitted)
            let next = try await writer.performStep(.full, usesReserve: false) { context, clock in
                try context.continueRetry(of: id, at: now, until: clock)
            }.value
            // Retention has removed the plan, which had come to its end again.
            guard let (step, standing) = next else { return .unknown }
            done.add(step)
            counts = standing
        }
        return done.outcome(counts)
    }

    package func retryJob(
        _ id: JobID, domainID: DomainID, epoch: Int64?, at now: Timestamp
    ) async throws(LedgerError) -> JobRetryOutcome {
        try await writer.perform { try $0.retryJob(id, domainID: domainID, epoch: epoch, at: now) }
    }
}

package import Distribution

/// Steps of one row, so that what takes one transaction in small worlds takes several, as in large ones.
extension SimulatedLedger {
    private static let stepLimit = 1

    package func purgeDeadLetters(
        diedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        let moment = flaw == .purgesYoungLetters ? now : moment
        return try await retain { ledger throws(LedgerError) in
            try await ledger.purgeDeadLetters(diedBefore: moment, limit: min(limit, Self.stepLimit), at: now)
        }
    }

    package func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        try await retain { ledger throws(LedgerError) in
            try await ledger.releasePayloads(ofPlansEndedBefore: moment, limit: min(limit, Self.stepLimit), at: now)
        }
    }

    package func removePlans(endedBefore moment: Timestamp, limit: Int) async throws(LedgerError) -> RetentionStep {
        let flaw = flaw
        return try await retain { ledger throws(LedgerError) in
            if flaw == .removesOpenPlans { ledger.alter { $0.beginRemoval(createdBefore: moment) } }
            let step = try await ledger.removePlans(endedBefore: moment, limit: min(limit, Self.stepLimit))
            if flaw == .forgetsJobsOfRemovedPlans { ledger.alter { $0.removals = [] } }
            return step
        }
    }

    package func removeDeadLetterRuns(
        endedBefore moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> RetentionStep {
        try await retain { ledger throws(LedgerError) in
            try await ledger.removeDeadLetterRuns(endedBefore: moment, limit: min(limit, Self.stepLimit))
        }
    }
}

extension InMemoryTables {
    /// The deliberate bug: a plan goes once it is old enough, whether it has ended or not.
    fileprivate mutating func beginRemoval(createdBefore moment: Timestamp) {
        guard removals.isEmpty, let old = plans.first(where: { $0.plan.createdAt < moment })?.plan.id else { return }
        let ids = jobs.map(\.job).filter { $0.planID == old }.map(\.id)
        guard let first = ids.first, let last = ids.last else { return }
        plans.removeAll { $0.plan.id == old }
        removals = [PlanRemoval(planID: old, firstJobID: first, lastJobID: last)]
    }
}

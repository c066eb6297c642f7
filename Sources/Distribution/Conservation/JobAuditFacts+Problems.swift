extension JobAuditFacts {
    /// What contradicts itself in one job.
    ///
    /// - Parameter incarnation: The newest opening of the ledger.
    func problems(incarnation: Int64) -> [ConservationProblem] {
        var problems: [ConservationProblem] = []
        if !hasTarget { problems.append(.jobWithoutTarget) }
        if attempts.count != attempt || !attempts.isGapless { problems.append(.attemptsNotGapless) }
        guard let status else { return problems + [.jobStateInvalid] }
        if hasEnded != (status.isFinal && openAttemptID == nil) { problems.append(.jobStateInvalid) }
        if !isOpenAttemptRight(status, incarnation) { problems.append(.openAttemptWrong) }
        if publishedEpoch > epoch || publishedEpoch < 0 { problems.append(.epochInvalid) }
        if let problem = receiptProblem(status) { problems.append(problem) }
        if !isDeadLetterRight(status) { problems.append(.deadLetterWrong) }
        if payload != .present, !status.isFinal || isReplayable(status) { problems.append(.payloadMissing) }
        return problems
    }

    private func isOpenAttemptRight(_ status: JobStatus, _ incarnation: Int64) -> Bool {
        switch status {
        case .running: isOpen(in: incarnation)
        // Called off while its attempt is under way, which ends later.
        case .cancelled: openAttemptID == nil ? attempts.open == 0 : isOpen(in: incarnation)
        case .queued, .retrying, .succeeded, .failed, .blocked: openAttemptID == nil && attempts.open == 0
        }
    }

    private func isOpen(in incarnation: Int64) -> Bool {
        openAttemptID != nil && attempts.open == 1 && attempts.openID == openAttemptID
            && attempts.openIncarnation == incarnation
    }

    private func receiptProblem(_ status: JobStatus) -> ConservationProblem? {
        guard status == .succeeded else { return receiptID == nil ? nil : .receiptStray }
        return receiptID != nil && receiptJobID == id && attempts.accepted > 0 ? nil : .receiptMissing
    }

    private func isDeadLetterRight(_ status: JobStatus) -> Bool {
        guard status == .failed else { return !hasDied && !hasDeadLetter }
        return hasDied && hasDeadLetter && (!isPurged || payload == .none)
    }

    /// Whether it can be replayed for as long as its bytes are there.
    private func isReplayable(_ status: JobStatus) -> Bool { status == .failed && !isPurged }
}

/// Everything that conservation can find (contract, section 4): plans with exactly one job for each target, jobs in
/// exactly one state, and messages for those that wait.
package enum ConservationProblem: String, Sendable, Hashable, CaseIterable {
    // The ledger contradicts itself.
    case planJobsWrong = "PLAN_JOBS_WRONG"
    case planCountsWrong = "PLAN_COUNTS_WRONG"
    case planStatusWrong = "PLAN_STATUS_WRONG"
    case jobWithoutPlan = "JOB_WITHOUT_PLAN"
    case jobWithoutTarget = "JOB_WITHOUT_TARGET"
    case jobStateInvalid = "JOB_STATE_INVALID"
    case epochInvalid = "EPOCH_INVALID"
    case openAttemptWrong = "OPEN_ATTEMPT_WRONG"
    case attemptsNotGapless = "ATTEMPTS_NOT_GAPLESS"
    case attemptWithoutJob = "ATTEMPT_WITHOUT_JOB"
    case receiptMissing = "RECEIPT_MISSING"
    case receiptStray = "RECEIPT_STRAY"
    case deadLetterWrong = "DEAD_LETTER_WRONG"
    case payloadMissing = "PAYLOAD_MISSING"
    case payloadDamaged = "PAYLOAD_DAMAGED"
    case eventSequenceBroken = "EVENT_SEQUENCE_BROKEN"
    case fileDamaged = "FILE_DAMAGED"

    // The broker holds less than the ledger expects.
    case messagesMissing = "MESSAGES_MISSING"
    case delayedMessagesMissing = "DELAYED_MESSAGES_MISSING"

    // Worth a look, and nothing is lost.
    case messagesUnseen = "MESSAGES_UNSEEN"
    case messagesSurplus = "MESSAGES_SURPLUS"
    case queueMissing = "QUEUE_MISSING"
    case orphansWaiting = "ORPHANS_WAITING"
    case messagesUnrouted = "MESSAGES_UNROUTED"
    case systemBusy = "SYSTEM_BUSY"
    case brokerSkipped = "BROKER_SKIPPED"

    /// What is found of a violation contradicts a promise; a warning may be right as it is.
    package enum Severity: String, Sendable, Hashable {
        case violation, warning
    }

    package var severity: Severity {
        switch self {
        case .planJobsWrong, .planCountsWrong, .planStatusWrong, .jobWithoutPlan, .jobWithoutTarget, .jobStateInvalid,
            .epochInvalid, .openAttemptWrong, .attemptsNotGapless, .attemptWithoutJob, .receiptMissing, .receiptStray,
            .deadLetterWrong, .payloadMissing, .payloadDamaged, .eventSequenceBroken, .fileDamaged, .messagesMissing,
            .delayedMessagesMissing:
            .violation
        case .messagesUnseen, .messagesSurplus, .queueMissing, .orphansWaiting, .messagesUnrouted, .systemBusy,
            .brokerSkipped:
            .warning
        }
    }
}

extension ConservationProblem {
    /// What is the matter, for people.
    package var sentence: String {
        switch self {
        case .planJobsWrong: "A plan does not have exactly one job for each of its targets."
        case .planCountsWrong: "A plan's counts are not those of its jobs."
        case .planStatusWrong: "A plan's status does not follow from its jobs."
        case .jobWithoutPlan: "A job belongs to no plan, or to one that does not count it."
        case .jobWithoutTarget: "A job names a target that does not exist."
        case .jobStateInvalid: "A job is not in exactly one state."
        case .epochInvalid: "A job's epochs are impossible: more was published than was handed out."
        case .openAttemptWrong: "A job runs without an attempt of the present process, or has one without running."
        case .attemptsNotGapless: "A job's attempts are not numbered from 1 to as many as it counts."
        case .attemptWithoutJob: "An attempt belongs to no job."
        case .receiptMissing: "A job succeeded without its receipt or without an accepted attempt."
        case .receiptStray: "A receipt does not belong to exactly one job that succeeded."
        case .deadLetterWrong: "A failed job has no dead letter, or one that did not fail has."
        case .payloadMissing: "A job that is still to be delivered has lost its bytes."
        case .payloadDamaged: "A payload's bytes are not those that were rendered."
        case .eventSequenceBroken: "The events that are owed leave a gap in their plan's sequence."
        case .fileDamaged: "SQLite finds the ledger's file damaged."
        case .messagesMissing: "A queue holds fewer messages than there are jobs waiting in it."
        case .delayedMessagesMissing: "The delay ladder holds fewer messages than jobs wait in it for their time."
        case .messagesUnseen: "A queue reads lower than its jobs; the consumer may hold the rest for its rate limit."
        case .messagesSurplus: "A queue holds more messages than there are open jobs: copies of jobs that moved on."
        case .queueMissing: "An active target has no queue."
        case .orphansWaiting: "Job messages that found no queue wait to be taken care of."
        case .messagesUnrouted: "Messages that nothing was bound for have been set aside."
        case .systemBusy: "Messages were not judged: the system did not stand still between two readings."
        case .brokerSkipped: "Messages were not looked at: no broker answers."
        }
    }

    /// What to do about it.
    package var remediation: String {
        switch self {
        case .planJobsWrong, .planCountsWrong, .planStatusWrong, .jobWithoutPlan, .jobWithoutTarget, .jobStateInvalid,
            .epochInvalid, .attemptsNotGapless, .attemptWithoutJob, .receiptStray, .deadLetterWrong:
            "Keep a copy of the ledger, find out who else has written to it, and report it as a bug if nobody has."
        case .openAttemptWrong: "Restart the service: it closes what an earlier process left open."
        case .receiptMissing: "Ask the receiver by delivery id what it got; keep a copy of the ledger and report it."
        case .payloadMissing, .payloadDamaged:
            "Cancel the jobs that are named, and send their plan again under a new key."
        case .eventSequenceBroken: "Tell consumers of events to read these plans anew from GET /plans/:id."
        case .fileDamaged: "Stop the service, keep a copy, and restore a backup or use sqlite3's .recover."
        case .messagesMissing, .delayedMessagesMissing:
            """
            Let the service run: where its target takes work, a job that has been due for 10 minutes is handed out again \
            by itself.
            """
        case .messagesUnseen: "Nothing, unless it stays so for longer than the target's rate limit explains."
        case .messagesSurplus: "Nothing: each copy is dropped when it comes up."
        case .queueMissing: "Start the service: it declares the queue."
        case .orphansWaiting: "Start the service: it declares their queue or puts them into quarantine."
        case .messagesUnrouted: "Look into the unrouted queue: somebody publishes with a wrong key."
        case .systemBusy: "Run it again when less is going on."
        case .brokerSkipped: "Start the broker, or the service that runs it, and run it again."
        }
    }
}

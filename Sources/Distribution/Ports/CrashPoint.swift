/// A boundary between two steps of which a crash may separate one from the other: what is durable there, and what the
/// next start must do.
///
/// For tests: the process kills itself at one of them where it is asked to (`CLAWCAST_CRASH_AT`), and the crash matrix
/// visits every case. "Restart" is the next process on the same ledger and broker.
package enum CrashPoint: String, Sendable, Hashable, CaseIterable {
    // MARK: A plan comes in

    /// A plan's message is in hand, and nothing of it is in the ledger. Restart: it comes again and is taken over.
    case planReceived = "plan-received"
    /// Plan, jobs and `plan.accepted` are committed; the jobs are owed, the message is unacked. Restart: the jobs are
    /// published from the ledger; the message comes again and finds its plan by the key.
    case planCommitted = "plan-committed"
    /// The jobs are on their way to the broker as well. Restart: as ``planCommitted``; jobs that had arrived come as
    /// copies.
    case planAcknowledging = "plan-acknowledging"
    /// The ack is on its way and may be lost. Restart: a message that comes again finds its plan by the key.
    case planAcknowledged = "plan-acknowledged"
    /// The dead plans have a refused message, the ledger knows nothing of it. Restart: it is refused again; the dead
    /// plans hold it twice, `plan.rejected` is owed once.
    case refusalPublished = "refusal-published"
    /// `plan.rejected` is owed, the message is unacked. Restart: it is refused again and told of once.
    case refusalRecorded = "refusal-recorded"
    /// A plan is called off over AMQP and committed so, the message is unacked. Restart: calling off again changes
    /// nothing.
    case cancellationCommitted = "cancellation-committed"

    // MARK: Jobs leave

    /// Jobs were read from the ledger and are owed. Restart: they are read again.
    case owedJobsRead = "owed-jobs-read"
    /// Jobs whose time has come were read from the ledger, and nothing of them was published. Restart: they are read again.
    case scheduledJobsRead = "scheduled-jobs-read"
    /// Jobs that are due were written to the broker's socket, and no confirm has come. Restart: they are published
    /// again; where the first copy arrived, one of both is stale.
    case jobsSent = "jobs-sent"
    /// The broker has confirmed jobs that are due; the ledger still owes them. Restart: as ``jobsSent``.
    case jobsConfirmed = "jobs-confirmed"
    /// As ``jobsSent``, for jobs that enter the delay ladder. Restart: the copies arrive when due, one of them is stale.
    case delayedJobsSent = "delayed-jobs-sent"
    /// As ``jobsConfirmed``, for jobs that enter the delay ladder.
    case delayedJobsConfirmed = "delayed-jobs-confirmed"
    /// The ledger knows that the broker has them. Restart: nothing is left to do.
    case jobsMarked = "jobs-marked"
    /// A job that came too early is back in the ladder, its message is unacked. Restart: it enters the ladder twice, and
    /// one of both copies is stale.
    case jobReentered = "job-reentered"

    // MARK: An attempt

    /// A job's message is in hand, and no attempt is opened. Restart: it comes again.
    case jobReceived = "job-received"
    /// The attempt is committed as open, and nothing was sent. Restart: it is closed as ambiguous, since nobody can tell
    /// that nothing was sent, and the next one follows.
    case attemptBegun = "attempt-begun"
    /// The target has answered, and the ledger does not know. Restart: the attempt is closed as ambiguous; the next one
    /// sends the same delivery id again.
    case attemptAnswered = "attempt-answered"
    /// Success, receipt and events are committed, the message is unacked. Restart: it comes again and is stale.
    case successRecorded = "success-recorded"
    /// A retry is committed and owed. Restart: it is published from the ledger; the old message is stale.
    case retryRecorded = "retry-recorded"
    /// A failure is committed, its dead letter is owed. Restart: it is published from the ledger.
    case failureRecorded = "failure-recorded"
    /// The target is disabled in the ledger, and its queue is still consumed. Restart: it is not consumed, and its jobs
    /// wait.
    case targetGoneRecorded = "target-gone-recorded"
    /// What an attempt owes is handed over, the message is unacked. Restart: it comes again and is stale.
    case jobAcknowledging = "job-acknowledging"
    /// The ack is on its way and may be lost. Restart: a message that comes again is stale.
    case jobAcknowledged = "job-acknowledged"

    // MARK: Pauses

    /// A pause that a target asked for is committed with the attempt that was told so; its queue is still consumed, what
    /// else was fetched is in hand, and the message is unacked. Restart: it is not consumed until then, and what was in
    /// hand is back in its queue, with no attempt used up.
    case pauseRecorded = "pause-recorded"
    /// A pause that an operator wishes is committed, and the queue is still consumed. Restart: it is not consumed until
    /// it is resumed.
    case pauseCommitted = "pause-committed"
    /// A pause that is over is forgotten and told of, and the queue is not consumed yet. Restart: it is consumed, and
    /// nothing is told again.
    case pauseEnded = "pause-ended"

    // MARK: Dead letters and events leave

    /// Dead letters were read from the ledger and are owed. Restart: they are read again.
    case deadLettersRead = "dead-letters-read"
    /// Dead letters were written to the socket, and no confirm has come. Restart: they are published again and may be
    /// there twice.
    case deadLettersSent = "dead-letters-sent"
    /// The broker has confirmed dead letters that the ledger still owes. Restart: as ``deadLettersSent``.
    case deadLettersConfirmed = "dead-letters-confirmed"
    /// The ledger knows that the broker has them. Restart: nothing is left to do.
    case deadLettersMarked = "dead-letters-marked"
    /// Events are committed and about to be published. Restart: they are published from the outbox.
    case eventsTaken = "events-taken"
    /// Events were written to the socket, and no confirm has come. Restart: they are published again, with the same ids.
    case eventsSent = "events-sent"
    /// The broker has confirmed events that are still in the outbox. Restart: as ``eventsSent``.
    case eventsConfirmed = "events-confirmed"
    /// Confirmed events have left the outbox. Restart: nothing is left to do.
    case eventsDeleted = "events-deleted"

    // MARK: By hand

    /// A retry that was asked for is committed and owed, nobody was told to publish it. Restart: it is published from the
    /// ledger; the asker, who got no answer, may ask again.
    case retryCommitted = "retry-committed"
    /// A run over dead letters is written down, and nobody was told to carry it out. Restart: it is carried out; the
    /// asker, who got no answer, asks again and gets the same run where a key says so.
    case deadLetterRunCommitted = "dead-letter-run-committed"
    /// As ``retryCommitted``, for a step of a replay; later steps have not begun. Restart: the replay goes on behind the
    /// last letter of this step.
    case replayStepCommitted = "replay-step-committed"
    /// A step of a purge is committed; later steps have not begun. Restart: the purge goes on behind it.
    case purgeStepCommitted = "purge-step-committed"
    /// A dead letter that was moved back has been replayed, and its message is unacked. Restart: it comes again and is
    /// stale.
    case returnedLetterReplayed = "returned-letter-replayed"

    /// Some jobs of a plan that was called off are cancelled, others are not yet. Restart: they are, and it is told of.
    case cancellationStepCommitted = "cancellation-step-committed"
    /// Some failed jobs of a plan that is tried again are owed, others are not yet. Restart: they are.
    case retryStepCommitted = "retry-step-committed"
    /// A target is deleted, and some of its jobs are cancelled, others are not yet. Restart: they are.
    case deletionStepCommitted = "deletion-step-committed"
    /// A target is deleted with all of its jobs cancelled, and its queue is still consumed. Restart: it is removed.
    case targetDeleted = "target-deleted"

    // MARK: What is old goes

    /// A step of retention is committed, and a large plan may be removed in part. Restart: what is left of it goes.
    case retentionStepCommitted = "retention-step-committed"

    // MARK: Queues that are lost

    /// An orphan's queue is there again, its job is owed and the orphan acked. Restart: the job is published from the
    /// ledger.
    case orphanQueueOpened = "orphan-queue-opened"
    /// An orphan's job is owed anew, the orphan is unacked. Restart: the job is published from the ledger; the orphan is
    /// stale.
    case orphanReissued = "orphan-reissued"

    /// A queue that the broker cannot use any more is unbound and named as lost; it is still there. Restart: it is bound
    /// and consumed, or found to be stuck again.
    case queueCondemned = "queue-condemned"
    /// The queue is deleted, with what was in it, and its target has none. Restart: it is declared; its jobs were owed
    /// anew when it was named, and are published from the ledger.
    case queueDeleted = "queue-deleted"
    /// The queue is there again, and empty. Restart: as ``queueDeleted``.
    case queueRenewed = "queue-renewed"
    /// The jobs of a lost queue are owed anew, and nobody was told to publish them. Restart: they are published from the
    /// ledger; copies that the old queue still held are stale.
    case lostJobsReissued = "lost-jobs-reissued"

    /// Jobs that the broker had lost are owed anew, and nobody was told to publish them. Restart: they are published from
    /// the ledger.
    case missingJobsReissued = "missing-jobs-reissued"

    // MARK: Start and end

    /// What an earlier process left open is closed. Restart: nothing is left of that.
    case recovered = "recovered"
    /// Nothing is consumed any more, and what was in flight has ended. Restart: as after any crash.
    case consumptionEnded = "consumption-ended"

    // MARK: The ledger

    /// All rows of a group of writes are in the transaction, which is not committed. Restart: none of it has happened.
    case transactionWritten = "transaction-written"
    /// The transaction is committed, and none of those who wait for it knows. Restart: all of it has happened.
    case transactionCommitted = "transaction-committed"
}

/// Is told whenever one of the boundaries is passed; absent but in tests.
package protocol CrashPoints: Sendable {
    func reached(_ point: CrashPoint)
}

/// What was done, and what is still owed to the broker: the one truth about plans, jobs and receipts.
///
/// Every writing call returns after its commit is on disk, unless it says otherwise; concurrent calls share commits
/// (group commit), take effect in the order they were made, and each alone or not at all. Calls never wait for a
/// cancelled neighbour and are not undone by cancellation. All throw ``LedgerError``.
///
/// What an event says is composed in the transaction that makes it true (``EventComposer``), so each write below names
/// the events it owes. "Owed" jobs have `publishedEpoch < epoch`, are queued or retrying, and their target is active; one
/// that waits for the time of its plan is owed from then on (``ScheduleLedger``).
package protocol Ledger:
    PlanLedger, RecallLedger, DeadLetterLedger, RetentionLedger, AttemptLedger, OwedLedger, ScheduleLedger,
    TargetLedger, KeyLedger, LedgerViews, ConservationLedger, ProbedLedger
{}

// MARK: Plans

package protocol PlanLedger: Sendable {
    /// Takes a plan over: plan, payloads, jobs (status `queued` with epoch 1 and publishedEpoch 0, or `blocked`).
    ///
    /// Owes `plan.accepted`, `plan.scheduled` where it is due later, `job.blocked` for each blocked job, and
    /// `plan.completed` where none is left. A plan whose cancellation came first is called off in the same transaction.
    func accept(_ plan: PreparedPlan) async throws(LedgerError) -> PlanAcceptance

    /// The plan that a key was used for, with the digest of its request; the planner's look-up before any rendering.
    func plan(domainID: DomainID, idempotencyKey: String) async throws(LedgerError) -> KnownPlan?

    /// Owes `plan.rejected` for a message that was refused; the key is not used up. Repeating it with the same
    /// `messageFingerprint` within a day owes nothing more (a redelivered refusal).
    func recordRejection(_ rejection: PlanRejection) async throws(LedgerError)
}

// MARK: Calling off and trying again

package protocol RecallLedger: Sendable {
    /// Plan `queued|running → cancelled`; its open jobs → `cancelled`. Owes `job.cancelled` for each, then
    /// `plan.cancelled`.
    ///
    /// A job with an attempt under way is cancelled too; it becomes `succeeded` should that attempt still succeed, and
    /// the plan stays cancelled. A key without a plan is remembered for a day.
    ///
    /// Of many jobs it takes several transactions: the plan is cancelled in the first, its jobs in steps before this
    /// returns, `plan.cancelled` is owed with the last of them. What a crash cuts short is finished by
    /// ``AttemptLedger/closeAbandonedAttempts(at:)`` on the next start, or by calling the plan off again.
    func cancelPlan(_ cancellation: PlanCancellation, at now: Timestamp) async throws(LedgerError) -> PlanRecall

    /// `queued|retrying|running → cancelled`; owes `job.cancelled` and, with the last open job, `plan.completed`.
    func cancelJob(_ id: JobID, domainID: DomainID, at now: Timestamp) async throws(LedgerError) -> JobRecall

    /// Tries a plan's failed jobs again, and those that wait for their next attempt at once.
    ///
    /// `failed → queued`: a new epoch, the schedule from its beginning, the attempts counted on, its dead letter
    /// withdrawn; owes `job.replayed`, and `plan.reopened` before it where the plan had ended. `retrying` → the same,
    /// due now, with a new epoch; owes `job.retrying`.
    ///
    /// Of many jobs it takes several transactions: that it was asked for is written with the first, each job is looked at
    /// once, and what a crash cuts short is finished by ``AttemptLedger/closeAbandonedAttempts(at:)`` on the next start.
    func retryPlan(_ id: PlanID, domainID: DomainID, at now: Timestamp) async throws(LedgerError) -> PlanRetryOutcome

    /// As ``retryPlan(_:domainID:at:)`` for one job.
    ///
    /// - Parameter epoch: Only where this is its newest; nil for any.
    func retryJob(_ id: JobID, domainID: DomainID, epoch: Int64?, at now: Timestamp) async throws(LedgerError)
        -> JobRetryOutcome
}

// MARK: Dead letters

/// Runs over dead letters. A letter that is purged, by hand or for its age, leaves its job `failed` with its history; it
/// is in no list any more and cannot be replayed, and bytes that nothing else needs are gone.
package protocol DeadLetterLedger: Sendable {
    /// How many letters a run of this kind would look at now; only reads.
    func countDeadLetters(
        domainID: DomainID, _ selection: DeadLetterSelection, for kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> DeadLetterCount

    /// Writes a run down, `running`. A key is unique in its domain.
    ///
    /// - Parameter total: How many letters it is expected to look at.
    func createDeadLetterRun(
        _ run: NewDeadLetterRun, total: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunAcceptance

    /// Handles the next letters of a run and notes how far it has come, in one transaction; `running → done` after the
    /// last.
    ///
    /// A replay does to each job what ``RecallLedger/retryJob(_:domainID:epoch:at:)`` does to a failed one. The letters
    /// are looked for beside the writer, and the step ends early where it has kept the writer for long.
    ///
    /// - Parameter limit: How many are looked at, 1 to 200.
    /// - Returns: nil where the run is not running.
    func advanceDeadLetterRun(
        _ id: DeadLetterRunID, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunStep?

    /// `running → cancelled`; a run at its end stays as it is.
    ///
    /// - Returns: The run as it stood before; nil where the domain has none with this id.
    func cancelDeadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRun?

    func deadLetterRun(_ id: DeadLetterRunID, domainID: DomainID) async throws(LedgerError) -> DeadLetterRun?
    func deadLetterRuns(
        domainID: DomainID, _ page: Page, kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> [DeadLetterRun]
    /// The runs of all domains that have not ended, by id.
    func openDeadLetterRuns() async throws(LedgerError) -> [DeadLetterRun]
}

// MARK: Retention

/// Lets what is old go, in steps of which each is one small transaction.
///
/// A step does at most `limit` jobs, 1 to 200, and ends early where it has kept the writer for long; what is to go is
/// looked for beside the writer.
package protocol RetentionLedger: Sendable {
    /// Purges dead letters that died before `moment`, the oldest first.
    func purgeDeadLetters(
        diedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep

    /// Lets go of the bytes that belong to jobs of plans that ended before `moment`; a dead letter among them is purged.
    func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep

    /// Removes plans that ended before `moment` with all that is theirs, and frees their keys.
    ///
    /// A plan is gone for every reader, and for the audit, with the first of its rows; what is left of a large one goes
    /// in further steps. Open plans never go, and none does while an event is owed that is as old.
    func removePlans(endedBefore moment: Timestamp, limit: Int) async throws(LedgerError) -> RetentionStep

    /// Forgets runs over dead letters that ended before `moment`.
    func removeDeadLetterRuns(endedBefore moment: Timestamp, limit: Int) async throws(LedgerError) -> RetentionStep
}

// MARK: Attempts

package protocol AttemptLedger: Sendable {
    /// Decides on a job message by its row (``AttemptAdmission``) and opens the attempt where it may start.
    ///
    /// Opening sets the job `running`, counts the attempt up, inserts its row with this process's incarnation, and sets
    /// the plan `running`. An open row of an earlier incarnation is closed as `ambiguous` first and counts as an
    /// attempt. A job whose plan was called off is stale, whether or not it is cancelled yet. An expired policy blocks the job (owes `job.blocked`, `plan.completed`). Committed but not necessarily
    /// fsynced on return.
    func begin(_ request: AttemptRequest) async throws(LedgerError) -> AttemptDecision

    /// Closes an attempt and moves its job, receipt and plan in one transaction; owes the job's event and, with the
    /// last job, `plan.completed`. A job cancelled meanwhile stays `cancelled` unless it succeeded. What the report finds
    /// out about the target is written in the same transaction (``TargetFinding``).
    func record(_ report: AttemptReport) async throws(LedgerError) -> RecordedAttempt

    /// Whether a job and its plan had these ids once, and retention has removed them: a message of it is stale, where one
    /// with ids that were never given out is a mismatch.
    func wasRemoved(_ claim: JobClaim) async throws(LedgerError) -> Bool

    /// Closes every attempt that an earlier incarnation left open as `ambiguous`; its job becomes `retrying`, due at
    /// once, with a new epoch and owes `job.retrying`, or `failed` where the schedule is used up. Called once on start.
    /// Finishes what an earlier incarnation has begun in steps, too: deletions, cancellations and retries.
    ///
    /// - Returns: How many there were.
    func closeAbandonedAttempts(at now: Timestamp) async throws(LedgerError) -> Int
}

// MARK: Owed

package protocol OwedLedger: Sendable {
    /// Owed jobs with an id above `after`, by id, whole with their bytes; without those that have a time of their plan
    /// (``ScheduleLedger``).
    func owedJobs(after: JobID?, limit: Int) async throws(LedgerError) -> [OwedJob]
    /// Notes that the broker confirmed these epochs of these jobs; older epochs are ignored. Need not be fsynced.
    func confirm(jobs: [PublishedEpoch]) async throws(LedgerError)
    /// Failed jobs whose dead letter the broker has not confirmed yet, by id.
    func owedDeadLetters(after: JobID?, limit: Int) async throws(LedgerError) -> [DeadLetter]
    /// Notes that the broker confirmed the dead letters of these epochs; a job that was replayed meanwhile owes its next.
    func confirm(deadLetters: [PublishedEpoch]) async throws(LedgerError)
    /// Owes the dead letters of a channel again that the broker has confirmed: for a queue whose content is lost. What is
    /// purged stays so.
    ///
    /// Of many it takes several transactions; what a crash cuts short is not shown again, and stays a dead letter here.
    ///
    /// - Returns: How many there were.
    func reissueDeadLetters(of channel: ChannelType) async throws(LedgerError) -> Int
    /// Events not yet confirmed, with a place above `after`, in the order they were committed.
    func owedEvents(after: Int64, limit: Int) async throws(LedgerError) -> [OwedEvent]
    /// Forgets every owed event up to and including `place`. Need not be fsynced.
    func confirmEvents(through place: Int64) async throws(LedgerError)
    /// Fires after each commit that owed an event; bursts may be merged.
    func eventSignals() -> AsyncStream<Void>
    /// The newest owed events, in the order they were committed, so that they need not be read: those since the last
    /// call, as far as they are still in memory. Places follow each other by one; where one is missing, events are to be
    /// read with ``owedEvents(after:limit:)``. For one caller at a time.
    func takeFreshEvents() -> [OwedEvent]
    /// Hands a job to the broker anew: epoch + 1, owed. For an orphan or a job that reconciliation misses. Only where it
    /// is queued or retrying with `epoch` as its current epoch.
    func reissue(jobID: JobID, epoch: Int64) async throws(LedgerError) -> OwedJob?
    /// Hands up to `limit` jobs of a target to the broker anew, by id above `after`: epoch + 1, owed. For a queue whose
    /// content is lost. Only where a job is queued or retrying and its epoch was confirmed; the others are owed already
    /// or in flight.
    ///
    /// - Returns: The last job that was handed out, to go on after; nil once there is none.
    func reissueOpenJobs(of targetID: TargetID, after: JobID?, limit: Int) async throws(LedgerError) -> JobID?
    /// Hands up to `limit` jobs of a target that the broker has lost to it anew, by id above `after`: epoch + 1, owed. Only
    /// where a job is queued or retrying, its epoch was confirmed, and it has been due and untouched since `moment` or
    /// longer.
    func reissueOverdueJobs(
        of targetID: TargetID, dueBefore moment: Timestamp, after: JobID?, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> ReissuedJobs
}

// MARK: Targets

package protocol TargetLedger: Sendable {
    /// Owes `target.created`.
    func createTarget(_ target: NewTarget) async throws(LedgerError) -> Target
    /// Replaces what a target says of itself (revision + 1); owes `target.disabled` where `change` disables it, else
    /// `target.paused` or `target.resumed` where it begins or ends a pause, else `target.updated`. Enabling forgets
    /// since when the target fails. nil where it does not exist.
    func updateTarget(_ id: TargetID, _ change: TargetChange) async throws(LedgerError) -> Target?
    /// Deletes a target and cancels its open jobs (`job.cancelled` each, `plan.completed` or status where due); owes
    /// `target.deleted`. The row stays for the jobs that name it. nil where it does not exist.
    func deleteTarget(_ id: TargetID) async throws(LedgerError) -> Target?
    /// Ends the pause of a target whose time is over (revision + 1); owes `target.resumed`, once for each pause that ends
    /// with time. nil where it is not paused, is paused for longer, or does not exist.
    func endPause(of id: TargetID, at now: Timestamp) async throws(LedgerError) -> Target?
    /// Every target that is not deleted, by id, credentials opened.
    func allTargets() async throws(LedgerError) -> [Target]
    /// The queues of targets that were deleted at this moment or after it, by id: a process that ends before it has
    /// removed one leaves it behind.
    func queuesOfDeletedTargets(since moment: Timestamp) async throws(LedgerError) -> [TargetQueue]
    /// How many bytes the bodies of the oldest open jobs of each target have that is not deleted, of `limit` jobs a target
    /// at most; targets without any are left out.
    func bodySizesOfOpenJobs(perTarget limit: Int) async throws(LedgerError) -> [TargetID: [Int]]
}

// MARK: Keys

package protocol KeyLedger: Sendable {
    func createKey(_ key: NewAPIKey) async throws(LedgerError) -> APIKey
    /// The unrevoked key with this SHA-256 of its text.
    func key(digest: Digest256) async throws(LedgerError) -> APIKey?
    func keys() async throws(LedgerError) -> [APIKey]
    func revokeKey(_ id: Identifier<APIKey>) async throws(LedgerError) -> Bool
}

// MARK: Views

package protocol LedgerViews: Sendable {
    /// A plan with its first 100 jobs, failed ones first, then open ones, then the others, each by id.
    func planSnapshot(_ id: PlanID, domainID: DomainID) async throws(LedgerError) -> PlanSnapshot?
    func plans(domainID: DomainID, _ page: Page, status: PlanStatus?) async throws(LedgerError) -> [Plan]
    func jobSnapshot(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> JobSnapshot?
    func jobs(domainID: DomainID, _ page: Page, filter: JobFilter) async throws(LedgerError) -> [JobSummary]
    func receipts(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Receipt]
    func targets(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Target]
    /// Failed jobs with the bytes, newest last.
    func deadLetters(domainID: DomainID, _ page: Page, filter: JobFilter) async throws(LedgerError)
        -> [DeadLetterSummary]
    func deadLetter(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> DeadLetter?
    /// Counts for metrics and `doctor`: jobs by status, owed and scheduled jobs, owed events.
    func totals() async throws(LedgerError) -> LedgerTotals
}

// MARK: Trouble

package protocol ProbedLedger: Sendable {
    /// Returns once a write has been committed to disk that needed some room (64 KiB) and left nothing behind; throws why
    /// none can be. For whoever waits for a ledger in trouble; cheap enough to be repeated every second.
    func probe() async throws(LedgerError)
}

package struct LedgerError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// Nothing was written: full disk, locked file, failed disk. Try again later.
        case unavailable
        /// A bug or a damaged file: this call can never succeed.
        case invalid
    }

    package let kind: Kind
    package let message: String
    package let cause: (any Error)?
    /// What stands in the way, where the kind is `unavailable`.
    package let obstacle: LedgerObstacle

    package init(kind: Kind, message: String, cause: (any Error)? = nil, obstacle: LedgerObstacle = .other) {
        self.kind = kind
        self.message = message
        self.cause = cause
        self.obstacle = obstacle
    }

    package var description: String { message }
}

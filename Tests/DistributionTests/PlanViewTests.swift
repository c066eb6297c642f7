import Distribution
import DistributionTesting
import Testing

@Suite struct PlanViewTests {
    private let refused = DeliveryError(
        code: .httpStatus, message: "HTTP 503", statusCode: 503, certainty: .rejected)
    private let blockedAddress = DeliveryError(code: .egressRefused, message: "10.0.0.1 is private.")

    private func summary(
        _ job: Job, isActive: Bool = true, pausedUntil: Timestamp? = nil, receipt: Receipt? = nil
    ) -> JobSummary {
        JobSummary(
            job: job, receipt: receipt, isTargetActive: isActive,
            targetPause: pausedUntil.map { TargetPause(until: $0, reason: "HTTP 429") })
    }

    private func counts(_ statuses: [JobStatus: Int]) -> JobCounts {
        var counts = JobCounts()
        for (status, count) in statuses { counts[status] = count }
        return counts
    }

    @Test func `is the contract's answer`() {
        let retrying = Sample.job(
            attempt: 2, scheduleStep: 2, status: .retrying, nextAttemptAt: Sample.now.adding(milliseconds: 304_000),
            lastError: refused)
        let plan = Sample.plan(counts: counts([.queued: 1, .retrying: 1, .succeeded: 8]))
        let waiting = Sample.job(id: 32, targetID: 13)
        let snapshot = PlanSnapshot(plan: plan, jobs: [summary(retrying), summary(waiting)], isTruncated: false)
        let text = String(decoding: PlanView.json(snapshot, now: Sample.now).serialized(), as: UTF8.self)
        let remediation = Remediation.sentence(for: .httpStatus)
        #expect(
            text
                == #"{"id":7,"status":"running","counts":{"total":10,"queued":1,"running":0,"retrying":1,"succeeded":8,"#
                + #""failed":0,"blocked":0,"cancelled":0},"completedAt":null,"pollAfterSeconds":5,"#
                + #""recommendedNextAction":"Wait: 8 of 10 delivered; target 12 retries at 10:05:04Z.","#
                + #""jobs":[{"id":31,"targetId":12,"channelType":"webhook","#
                + #""deliveryId":"\#(Sample.deliveryID(31))","status":"retrying","attempt":2,"maxAttempts":10,"#
                + #""waitingOn":"retry","nextAttemptAt":"2026-04-06T10:05:04.000Z","lastError":"HTTP 503","#
                + #""error":{"code":"HTTP_STATUS","statusCode":503,"certainty":"rejected","#
                + #""remediation":"\#(remediation)"},"receipt":null},"#
                + #"{"id":32,"targetId":13,"channelType":"webhook","deliveryId":"\#(Sample.deliveryID(32))","#
                + #""status":"queued","attempt":0,"maxAttempts":10,"waitingOn":null,"nextAttemptAt":null,"#
                + #""lastError":null,"error":null,"receipt":null}],"jobsTruncated":false,"#
                + #""domainId":1,"idempotencyKey":"\#(plan.idempotencyKey)","requestId":"\#(plan.requestID ?? "")","#
                + #""contentItemId":88,"contentVersion":3,"scheduledAt":null,"#
                + #""createdBy":\#(String(decoding: plan.createdBy.serialized(), as: UTF8.self)),"#
                + #""createdAt":"\#(plan.createdAt.iso8601)"}"#)
    }

    @Test func `what waits for a target that rests says so, until when, why, and what ends it`() {
        let job = Sample.job(targetID: 14)
        let plan = Sample.plan(status: .queued, counts: counts([.queued: 1]))
        let resume = "POST /api/distribution/targets/14/resume"
        let until = Sample.now.adding(milliseconds: 60_000)
        let paused = summary(job, pausedUntil: until)
        let clause = "target 14 is paused until \(until) (HTTP 429)"
        #expect(JobView.action(paused, now: Sample.now).sentence == "Wait: \(clause); \(resume) ends that.")
        let action = PlanView.action(
            PlanSnapshot(plan: plan, jobs: [paused], isTruncated: false), now: Sample.now)
        #expect(action.sentence == "Wait: 0 of 1 delivered; \(clause); \(resume) ends that.")
        #expect(action.availableActions.first == resume)
        let probed = JobView.action(
            summary(job), now: Sample.now, standings: TargetStandings(openCircuits: [job.targetID]))
        #expect(probed.sentence.contains("target 14 does not answer") && probed.sentence.contains(resume))
        let refused = TargetStandings(refusedQueues: [job.targetID])
        let quarantined = JobView.action(paused, now: Sample.now, standings: refused)
        #expect(quarantined.sentence.hasPrefix("Wait: the broker refuses the queue of target 14; GET "))
        let succeeded = summary(Sample.job(targetID: 14, attempt: 1, status: .succeeded))
        #expect(JobView.action(succeeded, now: Sample.now, standings: refused).sentence == "Nothing to do.")
        // Once the pause is over, or where the job is due after it, it is no reason.
        #expect(!JobView.action(paused, now: until).sentence.contains("paused"))
    }

    @Test func `attempts that used up nothing, and those before a replay, come on top of the schedule`() {
        func last(_ status: JobStatus, attempt: Int, step: Int) -> Int {
            Sample.job(attempt: attempt, scheduleStep: step, maxAttempts: 4, status: status).lastAttempt
        }
        #expect(last(.queued, attempt: 0, step: 0) == 4)
        #expect(last(.running, attempt: 1, step: 0) == 4)
        #expect(last(.retrying, attempt: 1, step: 1) == 4)
        #expect(last(.failed, attempt: 4, step: 4) == 4)
        // Refused with 429 eight times, then tried once more.
        #expect(last(.retrying, attempt: 8, step: 0) == 12)
        #expect(last(.succeeded, attempt: 9, step: 1) == 12)
        // Replayed after its fourth.
        #expect(last(.queued, attempt: 4, step: 0) == 8)
        #expect(last(.cancelled, attempt: 1, step: 0) == 4)
    }

    @Test func `nothing that is at its end is said to be tried again by itself`() {
        for code in ErrorCode.allCases {
            #expect(!Remediation.sentence(for: code, isFinal: true).contains("by itself"))
            #expect(Remediation.sentence(for: code, isFinal: false) == Remediation.sentence(for: code))
        }
        let failed = Sample.job(attempt: 10, scheduleStep: 10, status: .failed, lastError: refused)
        let shown = JobView.json(
            JobSnapshot(summary: summary(failed), attempts: []), now: Sample.now)
        #expect(
            shown.objectValue?["error"]?.objectValue?["remediation"]
                == "Check what the target answers; then retry it.")
    }

    @Test func `a failed target is named with why and the call that mends it`() {
        let failed = Sample.job(targetID: 14, attempt: 1, status: .failed, lastError: blockedAddress)
        let plan = Sample.plan(status: .partial, counts: counts([.failed: 1, .succeeded: 9]))
        let action = PlanView.action(
            PlanSnapshot(plan: plan, jobs: [summary(failed)], isTruncated: false), now: Sample.now)
        #expect(
            action.sentence
                == "Target 14: EGRESS_REFUSED. Correct its url, then POST /api/distribution/plans/7/retry.")
        #expect(action.availableActions == ["POST /api/distribution/plans/7/retry"])
        #expect(action.priority == .high)
    }

    @Test func `a retry is recommended only where a job can be tried again`() {
        let lost = Sample.job(targetID: 14, attempt: 1, status: .failed, lastError: blockedAddress)
        let plan = Sample.plan(status: .failed, counts: counts([.failed: 1]))
        let summary = JobSummary(
            job: lost, receipt: nil, isTargetActive: false, targetPause: nil, isReplayable: false)
        let send = ["POST /api/distribution/plans"]
        let action = PlanView.action(
            PlanSnapshot(plan: plan, jobs: [summary], isTruncated: false), now: Sample.now)
        #expect(action.availableActions == send)
        #expect(!action.sentence.contains("retry"))
        #expect(JobView.action(summary, now: Sample.now).availableActions == send)
        // Of those that are not shown nobody knows better.
        let many = Sample.plan(status: .failed, counts: counts([.failed: 2]))
        let unknown = PlanView.action(
            PlanSnapshot(plan: many, jobs: [summary], isTruncated: true), now: Sample.now)
        #expect(unknown.availableActions == ["POST /api/distribution/plans/7/retry"])
    }

    @Test func `every state of a plan has a sentence, and every call in it is offered`() {
        for status in PlanStatus.allCases {
            for job in JobStatus.allCases {
                for error in [nil, refused, blockedAddress] {
                    for isActive in [true, false] {
                        let jobs = [summary(Sample.job(status: job, lastError: error), isActive: isActive)]
                        let plan = Sample.plan(status: status, counts: counts([job: 1]))
                        for shown in [jobs, []] {
                            let snapshot = PlanSnapshot(plan: plan, jobs: shown, isTruncated: false)
                            let action = PlanView.action(snapshot, now: Sample.now)
                            #expect(action.sentence.last == ".")
                            let isCall = action.sentence.contains("POST ")
                            #expect(!isCall || action.availableActions.contains { action.sentence.contains($0) })
                        }
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            (PlanStatus.running, Int64?.none, 5), (.queued, 3_600_000, 300), (.queued, 20_000, 20),
            (.succeeded, nil, nil),
            (.cancelled, nil, nil),
        ] as [(PlanStatus, Int64?, Int64?)])
    func `says when to ask again`(status: PlanStatus, dueIn: Int64?, expected: Int64?) {
        let plan = Sample.plan(status: status, scheduledAt: dueIn.map { Sample.now.adding(milliseconds: $0) })
        let snapshot = PlanSnapshot(plan: plan, jobs: [summary(Sample.job())], isTruncated: false)
        let shown = PlanView.json(snapshot, now: Sample.now).objectValue?["pollAfterSeconds"]
        #expect(shown?.integerValue == expected)
    }

    @Test func `a plan that waits for a disabled target asks people, not polls`() {
        let waiting = summary(Sample.job(attempt: 1, status: .retrying, lastError: refused), isActive: false)
        let plan = Sample.plan(counts: counts([.retrying: 1]))
        let shown = PlanView.json(PlanSnapshot(plan: plan, jobs: [waiting], isTruncated: false), now: Sample.now)
        #expect(shown.objectValue?["pollAfterSeconds"] == 300)
        #expect(
            shown.objectValue?["recommendedNextAction"]
                == .string(
                    "Target 12 is disabled. Correct it, then POST /api/distribution/targets/12/enable, "
                        + "or DELETE /api/distribution/targets/12."))
    }

    @Test func `a plan of a later day says so`() {
        let plan = Sample.plan(
            status: .queued, counts: counts([.queued: 1]), scheduledAt: Sample.now.adding(milliseconds: 86_400_000))
        let action = PlanView.action(PlanSnapshot(plan: plan, jobs: [], isTruncated: false), now: Sample.now)
        #expect(action.sentence == "Wait: delivery begins at 2026-04-07T10:00:00Z.")
    }

    @Test func `what an open job waits for`() {
        let soon = Sample.now.adding(milliseconds: 1_000)
        let later = Sample.now.adding(milliseconds: 9_000)
        let cases: [(JobStatus, Timestamp?, Bool, Timestamp?, Bool, WaitReason?)] = [
            (.queued, nil, true, nil, false, nil), (.queued, soon, true, nil, false, .schedule),
            (.queued, nil, true, soon, false, .targetPaused), (.queued, nil, true, nil, true, .circuitOpen),
            (.queued, nil, false, later, true, .targetDisabled), (.retrying, soon, true, nil, false, .retry),
            (.retrying, soon, true, later, false, .targetPaused), (.retrying, later, true, soon, false, .retry),
            (.retrying, Sample.now, true, nil, true, .circuitOpen), (.retrying, nil, true, nil, false, .retry),
            (.retrying, nil, false, nil, false, .targetDisabled), (.running, nil, false, later, true, nil),
            (.succeeded, nil, false, nil, true, nil), (.failed, nil, false, nil, true, nil),
        ]
        for (status, next, isActive, pausedUntil, isOpen, expected) in cases {
            let job = summary(
                Sample.job(status: status, nextAttemptAt: next), isActive: isActive, pausedUntil: pausedUntil)
            let circuits: Set<TargetID> = isOpen ? [TargetID(12)] : []
            #expect(WaitReason(job, now: Sample.now, openCircuits: circuits) == expected)
        }
    }

    @Test func `a list shows what was asked for`() {
        let shown = PlanView.summary(Sample.plan(counts: counts([.queued: 1])), now: Sample.now).objectValue
        #expect(shown?["idempotencyKey"] == .string("key-7"))
        #expect(shown?["contentItemId"] == .integer(88))
        #expect(shown?["recommendedNextAction"] == .string("Wait: 0 of 1 delivered."))
    }
}

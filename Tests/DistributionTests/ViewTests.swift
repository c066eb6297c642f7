import Distribution
import DistributionTesting
import Testing

@Suite struct ViewTests {
    private let error = DeliveryError(code: .timeout, message: "No answer in 15 s.", certainty: .ambiguous)

    @Test func `a job shows its attempts and its receipt`() throws {
        let attempt = Attempt(
            id: AttemptID(5), jobID: JobID(31), number: 1, startedAt: Sample.now,
            finishedAt: Sample.now.adding(milliseconds: 15_000), durationMilliseconds: 15_000, statusCode: nil,
            certainty: .ambiguous, error: error, responseExcerpt: nil)
        let receipt = Receipt(
            id: ReceiptID(19), jobID: JobID(31), externalID: nil, externalURL: nil, deliveredAt: Sample.now,
            responseMeta: ResponseMeta(statusCode: 204, durationMilliseconds: 1))
        let summary = JobSummary(
            job: Sample.job(attempt: 2, status: .succeeded, lastError: error), receipt: receipt, isTargetActive: true,
            targetPause: nil)
        let shown = JobView.json(JobSnapshot(summary: summary, attempts: [attempt]), now: Sample.now).objectValue
        #expect(shown?["planId"] == .integer(7))
        #expect(shown?["lastError"] == .null && shown?["error"] == .null)
        #expect(shown?["receipt"] == ReceiptView.json(receipt))
        let first = try #require(shown?["attempts"]?.arrayValue?.first?.objectValue)
        #expect(first["certainty"] == .string("ambiguous") && first["durationMs"] == .integer(15_000))
        #expect(first["error"]?.objectValue?["code"] == .string("TIMEOUT"))
        #expect(shown?["recommendedNextAction"] == .string("Nothing to do."))
    }

    @Test func `credentials show as set, and generated ones once`() {
        let target = Sample.target(credentials: ["secret": Secret("whsec_hunter2"), "old": Secret("hunter3")])
        let shown = TargetView.json(target, now: Sample.now)
        #expect(!String(decoding: shown.serialized(), as: UTF8.self).contains("hunter"))
        let set = JSON.object(["set": .bool(true)])
        #expect(shown.objectValue?["credentials"] == .object(["old": set, "secret": set]))
        let once = TargetView.json(target, now: Sample.now, generated: ["secret": Secret("whsec_hunter2")])
        #expect(
            once.objectValue?["credentials"]
                == .object(["old": set, "secret": .object(["set": .bool(true), "value": .string("whsec_hunter2")])]))
    }

    @Test func `a target is shown in the form in which it is configured`() throws {
        let shown = try #require(TargetView.json(Sample.target(), now: Sample.now).objectValue)
        let names = [
            "name", "channelType", "config", "retry", "maxInFlight", "rateLimit", "timeouts",
            "permanentStatusCodes", "domainId",
        ]
        let configured = JSONObject(names.map { ($0, shown[$0] ?? .null) })
        #expect(try TargetDecoder.decodeNew(configured).delivery() == Sample.target().delivery)
        #expect(shown["active"] == .bool(true))
    }

    @Test func `a dead letter names what happened`() {
        let job = Sample.job(attempt: 10, status: .failed, lastError: error)
        let summary = DeadLetterSummary(job: job, diedAt: Sample.now, payloadBytes: 512)
        let shown = DeadLetterView.json(summary).objectValue
        #expect(shown?["jobId"] == .integer(31) && shown?["attempts"] == .integer(10))
        #expect(
            shown?["recommendedNextAction"]
                == .string(
                    "Target 12: TIMEOUT. Make it answer sooner or raise its timeouts, "
                        + "then POST /api/distribution/jobs/31/retry."))
    }

    @Test func `a job without a time waits for its target only where that is gone`() {
        let gone = DeliveryError(code: .targetGone, message: "HTTP 410", statusCode: 410, certainty: .rejected)
        let waiting = JobFacts(Sample.job(attempt: 1, status: .retrying, lastError: gone))
        #expect(RecommendedAction.job(waiting, now: Sample.now).sentence.hasPrefix("Target 12 is disabled."))
        let interrupted = JobFacts(Sample.job(attempt: 1, scheduleStep: 1, status: .retrying, lastError: error))
        #expect(
            RecommendedAction.job(interrupted, now: Sample.now).sentence
                == "Wait: target 12 retries at once after attempt 1 of 10 (TIMEOUT).")
    }

    @Test func `an error is flat`() {
        let refusal = Refusal(.planNotFound, "Plan not found", remediation: "Look.", context: ["planId": "7"])
        let text = String(decoding: RefusalView.json(refusal, requestID: "r").serialized(), as: UTF8.self)
        #expect(
            text == #"{"error":"Plan not found","code":"PLAN_NOT_FOUND","remediation":"Look.","#
                + #""context":{"planId":"7","requestId":"r"}}"#)
    }

    @Test(arguments: ErrorCode.allCases)
    func `every code says what to do`(code: ErrorCode) {
        let sentence = Remediation.sentence(for: code)
        #expect(sentence.count > 10 && sentence.last == ".")
    }
}

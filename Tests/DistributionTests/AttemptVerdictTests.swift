import Distribution
import DistributionTesting
import Testing

@Suite struct AttemptVerdictTests {
    private let finishedAt = Sample.now.adding(milliseconds: 182)

    private func judge(
        _ outcome: DeliveryResult.Outcome, step: Int = 0, settings: DeliverySettings = DeliverySettings(),
        firstAttemptAt: Timestamp? = nil, pausedUntil: Timestamp? = nil, seed: UInt64 = 1
    ) -> (certainty: Certainty, resolution: AttemptReport.Resolution) {
        let grant = AttemptGrant(
            attemptID: AttemptID(1), claim: Sample.claim(for: Sample.job()), number: step + 1, scheduleStep: step,
            maxAttempts: 10, startedAt: Sample.now, firstAttemptAt: firstAttemptAt)
        let result = DeliveryResult(
            outcome: outcome, statusCode: nil, durationMilliseconds: 182, responseExcerpt: nil)
        return AttemptVerdict.judge(
            result: result, grant: grant, settings: settings, finishedAt: finishedAt,
            pausedUntil: pausedUntil, randomness: SeededRandomness(seed: seed))
    }

    private func delay(_ resolution: AttemptReport.Resolution) -> Int64? {
        if case .retry(let moment, _) = resolution { moment.milliseconds(since: finishedAt) } else { nil }
    }

    private func error(_ resolution: AttemptReport.Resolution) -> DeliveryError? {
        switch resolution {
        case .retry(_, let error), .throttled(_, let error), .failed(let error), .targetGone(_, let error): error
        case .succeeded, .givenBack: nil
        }
    }

    @Test func `an accepted attempt succeeds with what the target named`() {
        let verdict = judge(.accepted(externalID: "abc", externalURL: "https://x.example/abc"), step: 9)
        #expect(verdict.certainty == .accepted)
        #expect(verdict.resolution == .succeeded(externalID: "abc", externalURL: "https://x.example/abc"))
    }

    @Test(arguments: [301, 400, 401, 404, 500, 502, 503])
    func `a refusal is retried by the schedule`(status: Int) {
        let verdict = judge(.rejected(statusCode: status, retryAfter: nil))
        #expect(verdict.certainty == .rejected)
        #expect((4_500...5_500).contains(delay(verdict.resolution) ?? 0))
        #expect(
            error(verdict.resolution)
                == DeliveryError(
                    code: .httpStatus, message: "HTTP \(status)", statusCode: status, certainty: .rejected))
    }

    @Test func `gone disables the target, also at the end of the schedule`() {
        for step in [0, 9] {
            guard
                case .targetGone(let reason, let error) = judge(.rejected(statusCode: 410, retryAfter: nil), step: step)
                    .resolution
            else {
                Issue.record("410 is not taken for gone")
                return
            }
            #expect(!reason.isEmpty)
            #expect(error.code == .targetGone && error.statusCode == 410)
        }
    }

    @Test func `a status that the target lists is permanent`() {
        let settings = DeliverySettings(permanentStatusCodes: [404, 429])
        for status in [404, 429] {
            let pause = RetryAfter(milliseconds: 1_000)
            let verdict = judge(.rejected(statusCode: status, retryAfter: pause), settings: settings)
            guard case .failed(let error) = verdict.resolution else {
                Issue.record("\(status) is not permanent")
                continue
            }
            #expect(error.statusCode == status)
        }
        #expect(delay(judge(.rejected(statusCode: 400, retryAfter: nil), settings: settings).resolution) != nil)
    }

    @Test(arguments: [429, 503], [0, 9])
    func `a job whose target asks to be left alone waits for the target's pause, and none of its attempts is used up`(
        status: Int, step: Int
    ) {
        let pausedUntil = finishedAt.adding(milliseconds: 5_000)
        let verdict = judge(
            .rejected(statusCode: status, retryAfter: RetryAfter(milliseconds: 1_000)), step: step,
            pausedUntil: pausedUntil)
        #expect(verdict.certainty == .rejected)
        guard case .throttled(pausedUntil, let error) = verdict.resolution else {
            Issue.record("\(status) is not taken for throttling: \(verdict.resolution)")
            return
        }
        #expect(error.code == (status == 429 ? .rateLimited : .httpStatus))
    }

    @Test func `after seven days of being put off a job is counted on, and never tried within a pause`() {
        let asked = DeliveryResult.Outcome.rejected(statusCode: 503, retryAfter: RetryAfter(milliseconds: 60_000))
        let pausedUntil = finishedAt.adding(milliseconds: 60_000)
        let young = finishedAt.adding(milliseconds: -604_799_999)
        guard case .throttled = judge(asked, step: 9, firstAttemptAt: young, pausedUntil: pausedUntil).resolution else {
            Issue.record("a job of less than seven days has used up an attempt")
            return
        }
        let old = finishedAt.adding(milliseconds: -604_800_000)
        #expect(delay(judge(asked, firstAttemptAt: old, pausedUntil: pausedUntil).resolution) == 60_000)
        guard case .failed = judge(asked, step: 9, firstAttemptAt: old, pausedUntil: pausedUntil).resolution else {
            Issue.record("a job of seven days goes on for ever")
            return
        }
    }

    @Test(arguments: [ErrorCode.egressRefused, .validationError])
    func `what can never succeed has failed at once`(code: ErrorCode) {
        let verdict = judge(.failed(code: code, message: "10.0.0.1 is private.", certainty: .unsent))
        #expect(verdict.certainty == .unsent)
        #expect(verdict.resolution == .failed(.init(code: code, message: "10.0.0.1 is private.", certainty: .unsent)))
    }

    @Test(
        arguments: [
            ErrorCode.dnsFailed, .connectFailed, .tlsFailed, .timeout, .connectionReset, .credentialsUnavailable,
        ],
        [Certainty.unsent, .ambiguous])
    func `without an answer it is tried again, and each try counts`(code: ErrorCode, certainty: Certainty) {
        let outcome = DeliveryResult.Outcome.failed(code: code, message: "No.", certainty: certainty)
        let verdict = judge(outcome)
        #expect(verdict.certainty == certainty)
        #expect(delay(verdict.resolution) != nil)
        let last = judge(outcome, step: 9)
        #expect(last.resolution == .failed(DeliveryError(code: code, message: "No.", certainty: certainty)))
    }

    @Test(arguments: [400, 500, 503])
    func `the end of the schedule is the end`(status: Int) {
        let verdict = judge(.rejected(statusCode: status, retryAfter: nil), step: 9)
        #expect(error(verdict.resolution)?.statusCode == status)
        #expect(delay(verdict.resolution) == nil)
    }

    @Test func `secrets of a message do not go on`() {
        let outcome = DeliveryResult.Outcome.failed(
            code: .connectFailed, message: "https://h.example/a?token=hunter2 refused", certainty: .unsent)
        #expect(error(judge(outcome).resolution)?.message == "https://h.example/a?… refused")
    }
}

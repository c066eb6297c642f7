import Distribution
import DistributionTesting
import Testing

@Suite struct EventComposerTests {
    private let composer = EventComposer(source: "/clawcast/one")
    private let stamp = EventStamp(id: UUIDv7(time: Sample.now, random: (3, 4)), time: Sample.now, sequence: 12)
    private let plan = PlanFacts(
        id: PlanID(7), domainID: DomainID(1), idempotencyKey: "0d8f", requestID: "5f0c6b7a", contentItemID: 88,
        contentVersion: 3,
        trace: TraceContext(
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=b"))
    private let receipt = Receipt(
        id: ReceiptID(19), jobID: JobID(31), externalID: "abc", externalURL: nil,
        deliveredAt: Sample.now.adding(milliseconds: 4_000),
        responseMeta: ResponseMeta(statusCode: 200, durationMilliseconds: 182))
    private let refused = DeliveryError(
        code: .httpStatus, message: "HTTP 503", statusCode: 503, certainty: .rejected)

    private func job(_ status: JobStatus, nextAttemptAt: Timestamp? = nil, _ error: DeliveryError? = nil) -> JobFacts {
        JobFacts(
            Sample.job(attempt: 2, scheduleStep: 2, status: status, nextAttemptAt: nextAttemptAt, lastError: error))
    }

    private func parsed(_ event: OutgoingEvent) throws -> JSONObject {
        try #require(try JSON.parse(event.body).objectValue)
    }

    @Test func `a success is the contract's event, byte by byte`() {
        let event = composer.job(
            .succeeded, stamp, plan, planStatus: .running, job: job(.succeeded, refused), receipt: receipt)
        let id = "019d623c-1d00-7003-8000-000000000004"
        let delivery = Sample.deliveryID(31).text
        let expected =
            #"{"specversion":"1.0","id":"\#(id)","source":"/clawcast/one","type":"distribution.job.succeeded","#
            + #""subject":"plans/7/jobs/31","time":"2026-04-06T10:00:00.000Z","datacontenttype":"application/json","#
            + #""domainid":1,"sequence":"0000000012","#
            + #""traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=b","#
            + #""data":{"plan":{"id":7,"idempotencyKey":"0d8f","requestId":"5f0c6b7a","contentItemId":88,"#
            + #""contentVersion":3,"status":"running"},"job":{"id":31,"planId":7,"targetId":12,"#
            + #""channelType":"webhook","deliveryId":"\#(delivery)","attempt":2,"status":"succeeded","#
            + #""nextAttemptAt":null,"lastError":null},"receipt":{"id":19,"jobId":31,"externalId":"abc","#
            + #""externalUrl":null,"deliveredAt":"2026-04-06T10:00:04.000Z","#
            + #""responseMeta":{"statusCode":200,"durationMs":182}},"error":null,"#
            + #""recommendedNextAction":"Nothing to do."}}"#
        #expect(String(decoding: event.body, as: UTF8.self) == expected)
        #expect(event.id == id)
        #expect(event.routingKey == "distribution.1.job.succeeded")
        #expect(event.correlationID == "5f0c6b7a")
    }

    @Test(arguments: JobEvent.allCases)
    func `every job event has the same shape`(kind: JobEvent) throws {
        let facts = job(.retrying, nextAttemptAt: Sample.now.adding(milliseconds: 300_000), refused)
        let event = try parsed(composer.job(kind, stamp, plan, planStatus: .running, job: facts, receipt: nil))
        #expect(event["type"] == .string("distribution.job.\(kind.rawValue)"))
        let data = try #require(event["data"]?.objectValue)
        #expect(data.members.map(\.name) == ["plan", "job", "receipt", "error", "recommendedNextAction"])
        #expect(data["job"]?.objectValue?["lastError"] == .string("HTTP 503"))
        #expect(data["error"]?.objectValue?["code"] == .string("HTTP_STATUS"))
        #expect(data["error"]?.objectValue?["certainty"] == .string("rejected"))
        #expect(data["receipt"] == .null)
        #expect(
            data["recommendedNextAction"]
                == .string(
                    "Wait: target 12 retries at 10:05:00Z after attempt 2 of 10 (HTTP 503)."))
    }

    @Test func `plan events tell status, counts and what to do`() throws {
        var counts = JobCounts()
        counts.succeeded = 8
        counts.failed = 2
        let at = Sample.now.adding(milliseconds: 60_000)
        let events = [
            composer.planAccepted(stamp, plan, status: .queued, counts: counts),
            composer.planScheduled(stamp, plan, status: .queued, counts: counts, scheduledAt: at),
            composer.planCompleted(stamp, plan, status: .partial, counts: counts),
            composer.planCancelled(stamp, plan, status: .cancelled, counts: counts),
            composer.planReopened(stamp, plan, status: .running, counts: counts),
        ]
        let names = ["accepted", "scheduled", "completed", "cancelled", "reopened"]
        for (event, name) in zip(events, names) {
            let object = try parsed(event)
            #expect(object["type"] == .string("distribution.plan.\(name)"))
            #expect(event.routingKey == "distribution.1.plan.\(name)")
            #expect(object["subject"] == .string("plans/7"))
            let data = try #require(object["data"]?.objectValue)
            #expect(data["counts"]?.objectValue?["total"] == .integer(10))
            #expect(data["recommendedNextAction"]?.stringValue?.isEmpty == false)
            #expect((data["scheduledAt"] != nil) == (name == "scheduled"))
        }
        let completed = try parsed(events[2])["data"]?.objectValue
        #expect(
            completed?["recommendedNextAction"]
                == .string(
                    "2 of 10 failed. Correct what they name, then POST /api/distribution/plans/7/retry."))
    }

    @Test func `a rejection names what is known and carries the error object`() throws {
        let rejection = PlanRejection(
            domainID: DomainID(0), requestID: nil, idempotencyKey: nil,
            refusal: Refusal(.targetsRequired, "No targets.", remediation: "Send some.", context: ["path": "targets"]),
            messageFingerprint: try #require(Digest256(bytes: [UInt8](repeating: 1, count: 32))), trace: nil,
            rejectedAt: Sample.now)
        let unnumbered = EventStamp(id: stamp.id, time: stamp.time, sequence: nil)
        let event = composer.planRejected(unnumbered, rejection)
        #expect(event.routingKey == "distribution.0.plan.rejected")
        #expect(event.correlationID == nil)
        let object = try parsed(event)
        #expect(object["subject"] == nil && object["sequence"] == nil && object["traceparent"] == nil)
        let error = object["data"]?.objectValue?["error"]?.objectValue
        #expect(error?["code"] == .string("TARGETS_REQUIRED"))
        #expect(error?["context"] == .object(["path": .string("targets")]))
    }

    @Test(arguments: TargetEvent.allCases)
    func `a target event carries no credential and no configuration`(kind: TargetEvent) throws {
        let target = Sample.target(
            configuration: ["url": .string("https://h.example/?key=hunter2")],
            credentials: ["secret": Secret("whsec_hunter2")])
        let unnumbered = EventStamp(id: stamp.id, time: stamp.time, sequence: nil)
        let event = composer.target(kind, unnumbered, target, reason: "https://h.example/?key=hunter2 said 410")
        #expect(!String(decoding: event.body, as: UTF8.self).contains("hunter2"))
        let object = try parsed(event)
        #expect(object["subject"] == .string("targets/12"))
        #expect(object["data"]?.objectValue?["reason"] == .string("https://h.example/?… said 410"))
        #expect(event.routingKey == "distribution.1.target.\(kind.rawValue)")
    }

    @Test func `sequence sorts as text in the order of numbers`() throws {
        let numbers: [Int64] = [1, 9, 10, 99, 100, 1_000_000, 9_999_999_999]
        let texts = try numbers.map { number in
            let numbered = EventStamp(id: stamp.id, time: stamp.time, sequence: number)
            let event = composer.planAccepted(numbered, plan, status: .queued, counts: JobCounts())
            return try #require(try parsed(event)["sequence"]?.stringValue)
        }
        #expect(texts == texts.sorted())
        #expect(texts.map { Int64($0) } == numbers)
    }

    @Test func `events and views show a receipt alike`() throws {
        let event = composer.job(
            .succeeded, stamp, plan, planStatus: .running, job: job(.succeeded), receipt: receipt)
        #expect(try parsed(event)["data"]?.objectValue?["receipt"] == ReceiptView.json(receipt))
    }
}

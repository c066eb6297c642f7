import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Calling off", .timeLimit(.minutes(1)))
struct RecallTests {
    private let world = World()

    private func cancellation(_ body: String) -> InMemoryPlanMessage {
        InMemoryPlanMessage(
            Array(body.utf8), routingKey: "plan.cancel", correlationID: "correlation-1",
            replyTo: "amq.rabbitmq.reply-to.1")
    }

    private func reply(_ number: Int = 0) throws -> JSONObject {
        let replies = world.broker.record.replies
        try #require(replies.count > number)
        return try #require(try JSON.parse(replies[number].body).objectValue)
    }

    @Test func `a plan is called off over AMQP by id or key, again without effect, and acked`() async throws {
        try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        try await world.run([.planner]) {
            let byID = cancellation(#"{"domainId":1,"planId":\#(owed.claim.planID)}"#)
            world.broker.send(byID)
            await world.broker.until { $0.replies.count == 1 }
            let key = world.ledger.inspect { $0.plans.first?.plan.idempotencyKey } ?? ""
            world.broker.send(cancellation(#"{"domainId":1,"idempotencyKey":"\#(key)"}"#))
            await world.broker.until { $0.replies.count == 2 && $0.acknowledged(.plans).count == 2 }
        }
        #expect(try reply()["status"]?.stringValue == "cancelled")
        #expect(try reply(1)["id"]?.integerValue == owed.claim.planID.rawValue)
        #expect(world.owedEvents().suffix(2) == ["1.job.cancelled", "1.plan.cancelled"])
        #expect(world.broker.record.refusedPlans.isEmpty)
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(world.receiver.seen.deliveries.isEmpty)
    }

    @Test func `a cancellation before its plan is remembered, and none of the plan's jobs leaves`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.planner, .releaser]) {
            world.broker.send(cancellation(#"{"domainId":1,"idempotencyKey":"key-1"}"#))
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
            world.broker.send(PlanMessages.plan())
            await world.broker.until { $0.acknowledged(.plans).count == 2 }
            // The next plan is not called off, and by its job the first one's would have left.
            world.broker.send(PlanMessages.plan(key: "key-2"))
            await world.broker.until { !$0.jobs.isEmpty }
        }
        let remembered = try reply()
        #expect(remembered["id"] == .null)
        #expect(remembered["rememberedUntil"]?.stringValue == Sample.now.adding(milliseconds: 86_400_000).iso8601)
        #expect(world.ledger.inspect { $0.plans.map(\.plan.status) } == [.cancelled, .queued])
        #expect(world.broker.record.jobs.map(\.claim.planID) == [PlanID(2)])
    }

    @Test func `what cannot be called off is refused like a plan`() async throws {
        let target = try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        _ = await world.attempt.run(IncomingJobMessage(owed))
        try await world.run([.planner]) {
            let bodies = [
                #"{"domainId":1,"planId":\#(owed.claim.planID)}"#, #"{"domainId":1,"planId":99}"#,
                #"{"domainId":2,"planId":\#(owed.claim.planID)}"#, #"{"domainId":1}"#,
            ]
            for (index, body) in bodies.enumerated() {
                world.broker.send(cancellation(body))
                await world.broker.until { $0.acknowledged(.plans).count == index + 1 }
            }
        }
        let codes: [ErrorCode] = [.planCancelForbidden, .planNotFound, .planNotFound, .validationError]
        #expect(world.broker.record.refusedPlans.map(\.refusal.code) == codes)
        #expect(try reply()["code"]?.stringValue == "PLAN_CANCEL_FORBIDDEN")
        #expect(world.owedEvents().count { $0.hasSuffix(".plan.rejected") } == 4)
        #expect(world.receiver.seen.count(target.id) == 1)
    }

    @Test func `an attempt in flight goes on when its plan is called off, and what it achieves counts`() async throws {
        let target = try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id)
        async let settled = world.attempt.run(IncomingJobMessage(owed))
        await world.receiver.until { $0.inFlight[target.id] == 1 }
        let cancelled = try await world.useCases.cancelPlan(owed.claim.planID, domainID: World.domain)
        #expect(!cancelled.isRepetition)
        #expect(cancelled.snapshot.plan.status == .cancelled)
        #expect(cancelled.snapshot.jobs.map(\.job.status) == [.cancelled])
        world.receiver.release(target.id)
        #expect(await settled == .acknowledge)
        #expect(try world.job(owed).status == .succeeded)
        let again = try await world.useCases.cancelPlan(owed.claim.planID, domainID: World.domain)
        #expect(again.isRepetition)
        #expect(again.snapshot.plan.status == .cancelled)
    }

    @Test func `a job that is called off in flight is not tried again`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id)
        world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
        try await world.run([.releaser]) {
            async let settled = world.attempt.run(IncomingJobMessage(owed))
            await world.receiver.until { $0.inFlight[target.id] == 1 }
            let cancelled = try await world.useCases.cancelJob(owed.claim.jobID, domainID: World.domain)
            #expect(!cancelled.isRepetition)
            #expect(try await world.useCases.cancelJob(owed.claim.jobID, domainID: World.domain).isRepetition)
            world.receiver.release(target.id)
            #expect(await settled == .acknowledge)
        }
        #expect(try world.job(owed).status == .cancelled)
        #expect(world.ledger.inspect { $0.jobs.allSatisfy { $0.job.publishedEpoch == $0.job.epoch } })
        #expect(world.broker.record.jobs.isEmpty)
    }

    @Test func `a rehearsal checks and changes nothing`() async throws {
        try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        let (useCases, claim) = (world.useCases, owed.claim)
        let plan = try await useCases.cancelPlan(claim.planID, domainID: World.domain, isRehearsal: true)
        #expect(plan.snapshot.plan.status == .queued)
        _ = try await useCases.cancelJob(claim.jobID, domainID: World.domain, isRehearsal: true)
        #expect(try world.job(owed).status == .queued)
        _ = await world.attempt.run(IncomingJobMessage(owed))
        for isRehearsal in [true, false] {
            let plan = await refusal {
                _ = try await useCases.cancelPlan(claim.planID, domainID: World.domain, isRehearsal: isRehearsal)
            }
            #expect(plan?.code == .planCancelForbidden)
            let job = await refusal {
                _ = try await useCases.cancelJob(claim.jobID, domainID: World.domain, isRehearsal: isRehearsal)
            }
            #expect(job?.code == .jobCancelForbidden)
            let foreign = await refusal {
                _ = try await useCases.cancelPlan(claim.planID, domainID: DomainID(2), isRehearsal: isRehearsal)
            }
            #expect(foreign?.code == .planNotFound)
        }
    }
}

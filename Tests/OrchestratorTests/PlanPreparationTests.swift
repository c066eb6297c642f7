import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Plan preparation")
struct PlanPreparationTests {
    private let world = World(channels: [.webhook, .feed])

    private func prepare(_ request: PlanRequest) throws -> PreparedPlan {
        try world.preparation.prepare(
            request, requestDigest: LedgerScenario.digest("d"), userID: "wordclaw", at: world.time.now())
    }

    private func references(_ targets: Target...) -> PlanRequest.Selection {
        .targets(targets.map { PlanRequest.TargetReference(id: $0.id, transform: nil) })
    }

    @Test func `named targets keep the order they were named in, disabled ones too`() async throws {
        let first = try await world.addTarget()
        let second = try await world.addTarget(channel: .feed)
        try await world.disable(first.id)
        let plan = try prepare(Sample.planRequest(selection: references(second, first)))
        #expect(plan.jobs.map(\.targetID) == [second.id, first.id])
        #expect(plan.jobs.map(\.channelType) == [.feed, .webhook])
        #expect((plan.userID, plan.acceptedAt, plan.dueAt) == ("wordclaw", Sample.now, Sample.now))
        #expect(Set(plan.jobs.map(\.deliveryID)).count == 2)
        #expect(plan.jobs.map(\.maxAttempts) == [3, 3])
    }

    @Test func `channels and all mean the active targets of the domain, by id`() async throws {
        let webhook = try await world.addTarget()
        let feed = try await world.addTarget(channel: .feed)
        let disabled = try await world.addTarget()
        try await world.addTarget(domain: DomainID(2))
        let another = try await world.addTarget()
        try await world.disable(disabled.id)
        let channels = try prepare(Sample.planRequest(selection: .channels([.webhook])))
        #expect(channels.jobs.map(\.targetID) == [webhook.id, another.id])
        let all = try prepare(Sample.planRequest(selection: .all))
        #expect(all.jobs.map(\.targetID) == [webhook.id, feed.id, another.id])
    }

    @Test func `a target of another domain does not exist`() async throws {
        let foreign = try await world.addTarget(domain: DomainID(2))
        let error = #expect(throws: Refusal.self) { try prepare(Sample.planRequest(selection: references(foreign))) }
        #expect(error?.code == .targetNotFound)
        let none = #expect(throws: Refusal.self) { try prepare(Sample.planRequest(selection: .all)) }
        #expect(none?.code == .noTargets)
    }

    @Test func `equal bodies are rendered once and shared`() async throws {
        for _ in 0..<3 { try await world.addTarget() }
        try await world.addTarget(channel: .feed)
        let plan = try prepare(Sample.planRequest(selection: .all))
        #expect(plan.payloads.count == 2)
        #expect(plan.jobs.map(\.content) == [.payload(0), .payload(0), .payload(0), .payload(1)])
    }

    @Test func `a target's own transform gets a body of its own, and cannot widen the policy`() async throws {
        let plain = try await world.addTarget()
        let excerpt = try await world.addTarget()
        let selection = PlanRequest.Selection.targets([
            .init(id: plain.id, transform: nil), .init(id: excerpt.id, transform: Transform(excerptOnly: true)),
        ])
        let plan = try prepare(Sample.planRequest(selection: selection))
        #expect(plan.jobs.map(\.content) == [.payload(0), .payload(1)])
        #expect(
            plan.payloads.map { String(decoding: $0.bytes, as: UTF8.self) } == [
                "webhook 88.3 excerpt=false", "webhook 88.3 excerpt=true",
            ])
        let strict = try prepare(
            Sample.planRequest(selection: selection, policy: Sample.policy(excerptOnly: true)))
        #expect(strict.payloads.allSatisfy { $0.bytes == Array("webhook 88.3 excerpt=true".utf8) })
    }

    @Test func `what policy denies is blocked and never rendered`() async throws {
        try await world.addTarget()
        try await world.addTarget(channel: .feed)
        // No adapter of this channel is installed, which does not matter for what is not rendered.
        try await world.addTarget(channel: .partner)
        let plan = try prepare(
            Sample.planRequest(selection: .all, policy: Sample.policy(allowedChannels: [.feed])))
        let codes = plan.jobs.map { job -> ErrorCode? in
            if case .blocked(let error) = job.content { error.code } else { nil }
        }
        #expect(codes == [.policyChannelDenied, nil, .policyChannelDenied])
        #expect(plan.payloads.count == 1)
        let unpublished = try prepare(
            Sample.planRequest(selection: .all, content: Sample.content(status: "draft")))
        #expect(unpublished.payloads.isEmpty)
    }

    @Test func `a channel without an adapter refuses the plan`() async throws {
        try await world.addTarget(channel: .partner)
        let error = #expect(throws: Refusal.self) { try prepare(Sample.planRequest(selection: .all)) }
        #expect(error?.code == .notSupported)
    }

    @Test func `a scheduled plan is due then, and one for the past at once`() async throws {
        try await world.addTarget()
        let later = Sample.now.adding(milliseconds: 60_000)
        #expect(try prepare(Sample.planRequest(scheduledAt: later)).dueAt == later)
        let past = Sample.now.adding(milliseconds: -60_000)
        #expect(try prepare(Sample.planRequest(scheduledAt: past)).dueAt == Sample.now)
    }
}

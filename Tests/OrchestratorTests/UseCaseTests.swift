import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Use cases", .timeLimit(.minutes(1)))
struct UseCaseTests {
    private let world = World()

    private func input(url: String? = "https://receiver.example/", secret: String? = nil) -> TargetInput {
        var input = TargetInput()
        input.name = "shop"
        input.channelType = .webhook
        input.configuration = url.map { ["url": .string($0)] } ?? [:]
        input.credentials = secret.map { ["secret": Secret($0)] }
        return input
    }

    private func code(_ body: () async throws -> Void) async -> ErrorCode? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    // MARK: Targets

    @Test func `a new target is written, shown with what was generated once, and consumed`() async throws {
        try await world.run([.queues]) {
            let written = try await world.useCases.createTarget(input(), domainID: World.domain)
            #expect(written.generated["secret"]?.reveal() == "generated")
            #expect(try world.useCases.target(written.target.id, domainID: World.domain) == written.target)
            #expect(try await world.useCases.targets(domainID: World.domain, Page()) == [written.target])
            await world.broker.until { $0.queues[written.target.queue]?.prefetch == 16 }
        }
        let given = try await world.useCases.createTarget(input(secret: "mine"), domainID: World.domain)
        #expect(given.generated.isEmpty)
        #expect(given.target.credentials["secret"]?.reveal() == "mine")
    }

    @Test func `a target that lacks something is refused with what it lacks`() async throws {
        var nameless = input()
        nameless.name = nil
        var channelless = input()
        channelless.channelType = nil
        var unknown = input()
        unknown.channelType = .partner
        let useCases = world.useCases
        for (draft, expected) in [
            (nameless, ErrorCode.validationError), (channelless, .validationError), (unknown, .notSupported),
            (input(url: nil), .validationError),
        ] {
            #expect(await code { _ = try await useCases.createTarget(draft, domainID: World.domain) } == expected)
        }
        #expect(world.ledger.inspect { $0.targetRows.isEmpty })
    }

    @Test func `a rehearsed target is checked and nowhere to be found`() async throws {
        let rehearsed = try await world.useCases.createTarget(input(), domainID: World.domain, isRehearsal: true)
        #expect((rehearsed.target.id, rehearsed.generated.isEmpty) == (TargetID(0), true))
        #expect(world.ledger.inspect { $0.targetRows.isEmpty && $0.events.isEmpty })
        #expect(world.directory.all().isEmpty)
        let target = try await world.addTarget()
        var change = TargetInput()
        change.name = "renamed"
        let useCases = world.useCases
        _ = try await useCases.updateTarget(target.id, change, domainID: World.domain, isRehearsal: true)
        #expect(try useCases.target(target.id, domainID: World.domain) == target)
        #expect(world.ledger.inspect { $0.target(target.id)?.target } == target)
    }

    @Test func `a change keeps what it does not name`() async throws {
        let created = try await world.useCases.createTarget(input(secret: "mine"), domainID: World.domain).target
        var change = TargetInput()
        change.maxInFlight = 3
        let changed = try await world.useCases.updateTarget(created.id, change, domainID: World.domain).target
        #expect((changed.name, changed.delivery.maxInFlight, changed.revision) == ("shop", 3, 2))
        #expect(changed.credentials["secret"]?.reveal() == "mine")
        #expect(changed.configuration == created.configuration)
        var otherChannel = TargetInput()
        otherChannel.channelType = .feed
        let useCases = world.useCases
        #expect(
            await code { _ = try await useCases.updateTarget(created.id, otherChannel, domainID: World.domain) }
                == .validationError)
    }

    @Test func `another domain's target does not exist`() async throws {
        let target = try await world.addTarget(domain: DomainID(2))
        let useCases = world.useCases
        let calls: [() async throws -> Void] = [
            { _ = try useCases.target(target.id, domainID: World.domain) },
            { _ = try await useCases.updateTarget(target.id, TargetInput(), domainID: World.domain) },
            { _ = try await useCases.enableTarget(target.id, domainID: World.domain) },
            { _ = try await useCases.deleteTarget(target.id, domainID: World.domain) },
        ]
        for call in calls { #expect(await code(call) == .targetNotFound) }
        #expect(world.ledger.inspect { $0.target(target.id)?.target } == target)
    }

    @Test func `a deleted target's waiting jobs are cancelled`() async throws {
        let target = try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        _ = try await world.useCases.deleteTarget(target.id, domainID: World.domain)
        #expect(try world.job(owed).status == .cancelled)
        let useCases = world.useCases
        #expect(
            await code { _ = try await useCases.deleteTarget(target.id, domainID: World.domain) } == .targetNotFound)
    }

    @Test func `deleting a target again ends a deletion that was cut short`() async throws {
        let target = try await world.addTarget()
        // Its last step failed: the ledger has deleted it, and nobody here knows.
        _ = try await world.ledger.deleteTarget(target.id)
        let useCases = world.useCases
        #expect(
            await code { _ = try await useCases.deleteTarget(target.id, domainID: World.domain) } == .targetNotFound)
        #expect(world.directory.target(target.id) == nil)
    }

    // MARK: Keys

    @Test func `a key is known by its digest until it is revoked, and its text is nowhere`() async throws {
        let useCases = world.useCases
        let secret = Secret("cc_live_key")
        let admitted = try await useCases.admitKey(
            secret, name: "ci", domainID: World.domain, scopes: [.contentRead])
        #expect(try await useCases.authenticate(secret) == admitted)
        #expect(!world.ledger.inspect { "\($0.keys)" }.contains("cc_live_key"))
        #expect(await code { _ = try await useCases.authenticate(Secret("other")) } == .authInvalidAPIKey)
        #expect(try await world.ledger.revokeKey(admitted.id))
        #expect(await code { _ = try await useCases.authenticate(secret) } == .authInvalidAPIKey)
    }

    @Test func `a ledger that cannot answer is told of in the caller's words`() async throws {
        world.ledger.becomeUnavailable("the disk is full")
        let useCases = world.useCases
        #expect(await code { _ = try await useCases.totals() } == .ledgerUnavailable)
        #expect(await code { _ = try await useCases.authenticate(Secret("x")) } == .ledgerUnavailable)
        #expect(
            await code { _ = try await useCases.createTarget(input(), domainID: World.domain) } == .ledgerUnavailable)
        #expect(world.health.obstacles.contains("ledger unavailable: the disk is full"))
        #expect(world.directory.all().isEmpty)
    }
}

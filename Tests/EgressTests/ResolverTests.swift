import NIOCore
import Testing

@testable import Egress

@Suite("Resolver", .timeLimit(.minutes(1)))
struct ResolverTests {
    @Test("names that do not answer delay nobody else")
    func isolation() async throws {
        let script = LookupScript.loopback()
        defer { script.release() }
        try await withServer(.ok) { server in
            try await withClient(lookup: script.lookup) { client in
                await withTaskGroup { group in
                    // One thread less than there are.
                    for number in 1...7 {
                        group.addTask { _ = try? await client.post(server.url(host: "slow\(number).example")) }
                    }
                    for number in 1...50 {
                        let answer = try? await client.post(server.url(host: "fast\(number).example"))
                        #expect(answer?.status == 200)
                    }
                    group.cancelAll()
                }
            }
        }
    }

    @Test("a name is looked up once for all who ask at the same time, and its answer is kept")
    func dedupe() async throws {
        let script = LookupScript.loopback()
        try await withServer(.ok) { server in
            try await withClient(lookup: script.lookup) { client in
                try await withThrowingTaskGroup { group in
                    for _ in 1...20 { group.addTask { try await client.post(server.url(host: "slow.example")).status } }
                    script.release()
                    for try await status in group { #expect(status == 200) }
                }
                #expect(script.count("slow.example") == 1)
            }
        }
    }

    @Test("a look-up that takes too long times out as such")
    func timeout() async throws {
        let script = LookupScript.loopback()
        defer { script.release() }
        try await withClient(lookup: script.lookup) { client in
            let error = try await client.failure("https://slow.example/", connectTimeout: 100)
            #expect(error.code == .timedOut)
            #expect(error.phase == .resolve)
            #expect(error.requestState == .unsent)
        }
    }

    @Test("a name without addresses fails, and is not asked for again at once")
    func negativeAnswer() async throws {
        let script = LookupScript { (_, _) throws(LookupFailure) in throw .noAddress }
        try await withClient(lookup: script.lookup) { client in
            for _ in 1...3 {
                let error = try await client.failure("https://nowhere.example/")
                #expect(error.code == .dnsFailed)
                #expect(error.phase == .connect || error.phase == .resolve)
            }
            #expect(script.count("nowhere.example") == 1)
        }
    }

    @Test("the system's own resolver says so, too")
    func systemFailure() async throws {
        try await withClient { client in
            let error = try await client.failure("https://nowhere.invalid/")
            #expect(error.code == .dnsFailed)
            #expect(error.requestState == .unsent)
        }
    }

    @Test("beyond the limit of look-ups a request fails at once")
    func pendingLimit() async throws {
        let script = LookupScript.loopback()
        defer { script.release() }
        try await withClient(lookup: script.lookup, configure: { $0.maxPendingLookups = 1 }) { client in
            let waiting = Task { try await client.failure("https://slow.example/") }
            await script.log.wait { $0.heads == ["slow.example"] }
            let error = try await client.failure("https://other.example/")
            #expect(error.code == .tooBusy)
            await client.shutdown()
            let end = try await waiting.value
            #expect(end.code == .shutDown)
        }
    }

    @Test("an answer lives as long as its kind deserves")
    func lifetimes() throws {
        var configuration = OutboundClientConfiguration()
        configuration.positiveTTL = 30_000
        configuration.negativeTTL = 10_000
        configuration.timeoutTTL = 60_000
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        let address = try SocketAddress(ipAddress: "1.1.1.1", port: 0)
        for (outcome, took, lifetime) in [
            (NameResolver.Outcome.success([address]), Int64(0), Int64(30)), (.failure(.noAddress), 0, 10),
            (.failure(.noAnswer), 0, 10), (.failure(.noAnswer), 5, 60), (.failure(.noAddress), 5, 60),
        ] {
            var state = ResolverState(configuration: configuration)
            #expect(state.ask("a", at: start) { _ in }.isLookUp)
            #expect(state.ask("a", at: start) { _ in }.isWait)
            let end = start + .seconds(took)
            #expect(state.finish("a", outcome, began: start, at: end).count == 2)
            #expect(state.ask("a", at: end + .seconds(lifetime) - .nanoseconds(1)) { _ in }.isAnswer)
            #expect(state.ask("a", at: end + .seconds(lifetime)) { _ in }.isLookUp)
        }
    }

    @Test("nobody joins a look-up that has been silent for long")
    func hopeless() {
        var state = ResolverState(configuration: OutboundClientConfiguration())
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        #expect(state.ask("a", at: start) { _ in }.isLookUp)
        #expect(state.ask("a", at: start + .seconds(9)) { _ in }.isWait)
        #expect(state.ask("a", at: start + .seconds(10)) { _ in }.isAnswer)
    }
}

extension ResolverState.Decision {
    fileprivate var isAnswer: Bool { if case .answer = self { true } else { false } }
    fileprivate var isWait: Bool { if case .wait = self { true } else { false } }
    fileprivate var isLookUp: Bool { if case .lookUp = self { true } else { false } }
}

import Testing

@testable import LocalBroker

@Suite(.timeLimit(.minutes(1))) struct LoginProbeTests {
    @Test func `only the node's own password gets in`() async throws {
        let identity = try await SharedBroker.instance().identity
        let right = LoginProbe(port: identity.ports.amqp, credentials: identity.credentials)
        #expect(await right.succeeds())
        let wrong = LoginProbe(
            port: identity.ports.amqp, credentials: BrokerCredentials(username: "clawcast", password: "guess"))
        #expect(await !wrong.succeeds())
    }

    @Test func `neither a free port nor another protocol counts as a broker`() async throws {
        let identity = try await SharedBroker.instance().identity
        let free = LoginProbe(port: try NodePorts.unused().amqp, credentials: identity.credentials)
        #expect(await !free.succeeds())
        let mapper = LoginProbe(port: identity.ports.epmd, credentials: identity.credentials)
        #expect(await !mapper.succeeds())
    }
}

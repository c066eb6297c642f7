import NIOCore
import Testing

@testable import AMQP

@Suite("Engine parts")
struct EngineTests {
    @Test func `a message is put together from its frames`() throws {
        var assembly = ContentAssembly()
        try assembly.begin(.returned(ReturnMethod(code: 312, text: "", exchange: "e", routingKey: "r")))
        #expect(try assembly.header(size: 5, MessageProperties(messageID: "m")) == nil)
        let first = try [UInt8]([1, 2, 3]).withUnsafeBytes { try assembly.body($0) }
        #expect(first == nil)
        let content = try [UInt8]([4, 5]).withUnsafeBytes { try assembly.body($0) }
        #expect(content?.body == [1, 2, 3, 4, 5])
        #expect(content?.properties.messageID == "m")
        #expect(assembly.isIdle)
    }

    @Test func `an empty message ends with its header`() throws {
        var assembly = ContentAssembly()
        try assembly.begin(.returned(ReturnMethod(code: 312, text: "", exchange: "", routingKey: "")))
        #expect(try assembly.header(size: 0, MessageProperties())?.body == [])
    }

    @Test func `frames out of turn, too long bodies and absurd sizes are violations`() throws {
        let head = ContentAssembly.Head.returned(ReturnMethod(code: 1, text: "", exchange: "", routingKey: ""))
        var assembly = ContentAssembly()
        #expect(throws: AMQPError.self) { try assembly.header(size: 1, MessageProperties()) }
        try assembly.begin(head)
        #expect(throws: AMQPError.self) { try assembly.begin(head) }
        #expect(throws: AMQPError.self) { try assembly.header(size: 1 << 40, MessageProperties()) }
        _ = try assembly.header(size: 1, MessageProperties())
        #expect(throws: AMQPError.self) { try [UInt8]([1, 2]).withUnsafeBytes { try assembly.body($0) } }
    }

    @Test(arguments: [
        (0, 0, 0, 131_072, 20), (131_072, 60, 2047, 131_072, 20), (4096, 10, 16, 4096, 10),
        (100, 0, 1, 4096, 20), (10_000_000, 65_535, 65_535, 131_072, 20),
    ])
    func `limits are the smaller of both wishes, within what the protocol allows`(
        frameMax: UInt32, heartbeat: UInt16, channelMax: UInt16, expectedFrame: UInt32, expectedHeartbeat: UInt16
    ) {
        let limits = ConnectionLimits(
            configuration: ConnectionConfiguration(), channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat)
        #expect(limits.frameMax == expectedFrame)
        #expect(limits.heartbeatSeconds == expectedHeartbeat)
        #expect(limits.channelMax == (channelMax == 0 ? 2047 : min(channelMax, 2047)))
    }

    @Test func `no heartbeats only when neither side wants them`() {
        var configuration = ConnectionConfiguration()
        configuration.heartbeatSeconds = 0
        func agreed(_ broker: UInt16) -> UInt16 {
            ConnectionLimits(configuration: configuration, channelMax: 0, frameMax: 0, heartbeat: broker)
                .heartbeatSeconds
        }
        #expect(agreed(0) == 0)
        #expect(agreed(30) == 30)
    }

    @Test func `a handshake goes start, tune, open`() throws {
        var handshake = Handshake(
            configuration: ConnectionConfiguration(virtualHost: "v", username: "u", password: "p"))
        let start = try handshake.receive(.start(mechanisms: "AMQPLAIN PLAIN"))
        guard case .startOk(let properties, "PLAIN", let response)? = start.send.first else {
            Issue.record("no start-ok")
            return
        }
        #expect(response == Array("\0u\0p".utf8))
        #expect(properties["capabilities"]?.tableValue?["connection.blocked"] == true)
        let tune = try handshake.receive(.tune(channelMax: 10, frameMax: 8192, heartbeat: 5))
        #expect(tune.limits?.frameMax == 8192)
        #expect(tune.send.count == 2)
        #expect(try handshake.receive(.openOk).isOpen)
    }

    @Test func `refusals during the handshake say what they are`() throws {
        func refusal(_ method: IncomingMethod) -> AMQPError? {
            var handshake = Handshake(configuration: ConnectionConfiguration())
            do throws(AMQPError) { _ = try handshake.receive(method) } catch { return error }
            return nil
        }
        #expect(refusal(.start(mechanisms: "EXTERNAL")) != nil)
        let refused = BrokerClosure(code: 403, text: "ACCESS_REFUSED", classID: 0, methodID: 0)
        #expect(refusal(.close(refused)) == .authenticationFailed(text: "ACCESS_REFUSED"))
        let missing = BrokerClosure(code: 530, text: "no vhost", classID: 10, methodID: 40)
        #expect(refusal(.close(missing)) == .connectionClosed(code: 530, text: "no vhost"))
        #expect(refusal(.openOk) == .protocolViolation("an unexpected method while connecting"))
    }

    @Test func `heartbeats are sent into silence, and two silent intervals are the end`() {
        var monitor = HeartbeatMonitor()
        monitor.sent()
        monitor.received()
        #expect(monitor.halfIntervalPassed() == .none)
        #expect(monitor.halfIntervalPassed() == .send)
        #expect(monitor.halfIntervalPassed() == .send)
        monitor.sent()
        #expect(monitor.halfIntervalPassed() == .none)
        #expect(monitor.halfIntervalPassed() == .giveUp)
        monitor.received()
        #expect(monitor.halfIntervalPassed() == .send)
    }

    @Test func `the pause before reconnecting doubles up to ten seconds, of which half is random`() {
        var backoff = Backoff()
        var random = SplitMix(state: 1)
        var ceiling: Int64 = 100
        for _ in 0..<12 {
            let pause = backoff.next(using: &random)
            #expect((ceiling / 2...ceiling).contains(pause))
            ceiling = min(ceiling * 2, 1_000)
        }
    }

    @Test func `a channel reopens at once unless it keeps closing`() {
        var pace = ReopeningPace()
        let start = NIODeadline.uptimeNanoseconds(0)
        pace.opened(at: start)
        #expect(pace.closed(at: start + .seconds(60)) == .zero)
        pace.opened(at: start)
        #expect(pace.closed(at: start + .seconds(1)) == .zero)
        pace.opened(at: start)
        #expect(pace.closed(at: start + .seconds(1)) == .milliseconds(50))
        pace.opened(at: start)
        #expect(pace.closed(at: start + .seconds(1)) == .milliseconds(100))
        pace.opened(at: start)
        #expect(pace.closed(at: start + .seconds(6)) == .zero)
    }

    @Test func `patience with consumers doubles with each connection lost for it, and is short again afterwards`() {
        var configuration = ConnectionConfiguration()
        (configuration.consumePatienceSeconds, configuration.consumeTimeoutSeconds) = (1, 10)
        var patience = ConsumePatience()
        var seconds: [Int] = []
        for _ in 0..<6 {
            seconds.append(patience.seconds(forProven: false, configuration))
            patience.grow()
        }
        #expect(seconds == [1, 2, 4, 8, 10, 10])
        for _ in 0..<100 { patience.grow() }
        #expect(patience.seconds(forProven: false, configuration) == 10)
        patience.reset()
        #expect(patience.seconds(forProven: false, configuration) == 1)
        #expect(patience.seconds(forProven: true, configuration) == 10)
    }

    @Test func `a reason is told of at once, and again after half a minute`() {
        var pace = ReportPace()
        let start = ContinuousClock.now
        let told = [
            (AMQPError.notConnected, 0), (.notConnected, 29), (.timeout("resolving"), 29), (.notConnected, 29),
            (.notConnected, 59),
        ].map { error, seconds in pace.isDue(error, at: start + .seconds(seconds)) }
        #expect(told == [true, false, true, true, true])
    }

    @Test func `a mailbox wakes once for many values and keeps them for a later receiver`() {
        let mailbox = Mailbox<Int>(isOpen: false)
        #expect(!mailbox.post(0))
        mailbox.open()
        #expect(mailbox.post(1))
        let wakes = Mailbox<Void>(isOpen: true)
        mailbox.connect { wakes.post(()) }
        #expect(wakes.takeAll().count == 1)
        mailbox.post(2)
        #expect(wakes.takeAll().isEmpty)
        #expect(mailbox.takeAll() == [1, 2])
        mailbox.post(3)
        #expect(wakes.takeAll().count == 1)
        #expect(mailbox.shut() == [3])
        #expect(!mailbox.post(4))
    }

    @Test func `a field table keeps order and unique names`() {
        var table: FieldTable = ["a": 1, "b": "x", "a": 2]
        #expect(table.fields.map(\.name) == ["a", "b"])
        #expect(table["a"] == .int32(2))
        table["a"] = nil
        table["c"] = .int64(1 << 40)
        #expect(table == ["b": "x", "c": 1_099_511_627_776])
        table.removeAll { $0 == "b" }
        #expect(table.count == 1)
    }
}

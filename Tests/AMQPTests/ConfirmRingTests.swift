import NIOCore
import Synchronization
import Testing

@testable import AMQP

@Suite("Confirms")
struct ConfirmRingTests {
    @Test func `single, multiple and out-of-order confirms settle the right messages`() throws {
        var ring = ConfirmRing()
        let publish = Publish(["a", "b", "c", "d", "e"])
        publish.sendAll(&ring)
        try ring.settle(4, multiple: false, as: .nacked)
        #expect(publish.results == nil)
        try ring.settle(3, multiple: true, as: .confirmed)
        #expect(ring.count == 1)
        try ring.settle(5, multiple: true, as: .confirmed)
        #expect(publish.results == [.confirmed, .confirmed, .confirmed, .nacked, .confirmed])
        #expect(ring.count == 0)
    }

    @Test func `one confirm can complete several batches and a part of one`() throws {
        var ring = ConfirmRing()
        let (first, second) = (Publish(["a", "b"]), Publish(["c", "d"]))
        first.sendAll(&ring)
        second.sendAll(&ring)
        try ring.settle(3, multiple: true, as: .confirmed)
        #expect(first.results == [.confirmed, .confirmed])
        #expect(second.results == nil)
        ring.abandon()
        #expect(second.results == [.confirmed, .lost])
    }

    @Test func `a returned message is found by what it is, and settled by its confirm`() throws {
        var ring = ConfirmRing()
        let publish = Publish(["a", "b", "b", "c"])
        publish.sendAll(&ring)
        let back = ReturnMethod(code: 312, text: "NO_ROUTE", exchange: "", routingKey: "q")
        ring.returned(back, messageID: "b", body: [])
        ring.returned(back, messageID: "b", body: [])
        ring.returned(back, messageID: "a", body: [])
        ring.returned(back, messageID: "nobody", body: [])
        #expect(publish.results == nil)
        try ring.settle(4, multiple: true, as: .confirmed)
        let returned = PublishResult.returned(code: 312, text: "NO_ROUTE")
        #expect(publish.results == [returned, returned, returned, .confirmed])
    }

    @Test func `a confirm for what was never sent is a protocol violation, a repeated one is not`() throws {
        var ring = ConfirmRing()
        let publish = Publish(["a"])
        publish.sendAll(&ring)
        try ring.settle(1, multiple: false, as: .confirmed)
        try ring.settle(1, multiple: true, as: .nacked)
        #expect(publish.results == [.confirmed])
        #expect(throws: AMQPError.self) { try ring.settle(2, multiple: false, as: .confirmed) }
    }

    @Test func `the age of the oldest message that waits is known`() throws {
        var ring = ConfirmRing()
        #expect(ring.oldest == nil)
        let (old, young) = (Publish(["a", "b"]), Publish(["c"]))
        old.sendAll(&ring, at: .uptimeNanoseconds(10))
        young.sendAll(&ring, at: .uptimeNanoseconds(20))
        try ring.settle(1, multiple: false, as: .confirmed)
        #expect(ring.oldest == .uptimeNanoseconds(10))
        try ring.settle(2, multiple: false, as: .confirmed)
        #expect(ring.oldest == .uptimeNanoseconds(20))
        try ring.settle(3, multiple: false, as: .confirmed)
        #expect(ring.oldest == nil)
    }

    /// A batch and the results it was completed with.
    private final class Publish {
        private let completed = Completed()
        private let batch: PublishBatch

        init(_ ids: [String]) {
            let messages = ids.map { OutgoingMessage.to("q", id: $0) }
            batch = PublishBatch(PublishRequest(messages: messages) { [completed] in completed.set($0) })
        }

        var results: [PublishResult]? { completed.results }

        func sendAll(_ ring: inout ConfirmRing, at time: NIODeadline = .now()) {
            while !batch.isSent { ring.sent(batch, batch.takeNext().index, at: time) }
        }
    }

    private final class Completed: Sendable {
        private let state = Mutex<[PublishResult]?>(nil)
        var results: [PublishResult]? { state.withLock { $0 } }
        func set(_ results: [PublishResult]) { state.withLock { $0 = results } }
    }
}

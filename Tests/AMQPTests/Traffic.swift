import AMQP
import Synchronization
import Testing

/// Publishes to the queue `q` and consumes it while something bad happens, and keeps the books by message id.
struct Traffic: Sendable {
    let connection: Connection
    private let received = Received()

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Lets the disturbance happen in the middle of the traffic, several times, and expects that every message arrives.
    func run(rounds: Int = 3, _ disturb: @escaping @Sendable (_ generation: Int) async throws -> Void) async throws {
        let group = connection.makeConsumerGroup(name: "traffic")
        try await group.add(queue: "q", consumerTag: "c", prefetch: 50)
        let published = try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await batch in group.deliveries {
                    for delivery in batch {
                        received.insert(delivery.properties.messageID ?? "")
                        delivery.ack()
                    }
                }
            }
            let disturbing = Mutex(true)
            async let disturbances: Void = {
                defer { disturbing.withLock { $0 = false } }
                for _ in 0..<rounds {
                    guard let generation = await connection.waitUntilConnected() else { return }
                    await received.waitForMore(100)
                    try await disturb(generation)
                }
            }()
            var next = 0
            let publisher = connection.makePublisher()
            while disturbing.withLock({ $0 }), !Task.isCancelled {
                await publishUntilConfirmed(
                    (next..<next + 50).map { .to("q", id: "\($0)", body: [1, 2, 3]) }, publisher)
                next += 50
            }
            try await disturbances
            await received.wait(for: next)
            tasks.cancelAll()
            return next
        }
        #expect(received.ids == Set((0..<published).map(String.init)))
        var reopened = 0
        await group.close()
        for await event in group.events {
            #expect(event == .channelReopened)
            reopened += 1
        }
        #expect(reopened >= rounds)
    }

    private func publishUntilConfirmed(_ messages: [OutgoingMessage], _ publisher: Publisher) async {
        var owed = messages
        while !owed.isEmpty, !Task.isCancelled {
            let results = await publisher.publish(owed)
            owed = zip(owed, results).compactMap { message, result in result == .confirmed ? nil : message }
            if !owed.isEmpty { _ = await connection.waitUntilConnected() }
        }
    }
}

/// The distinct ids that have arrived, to wait upon.
private final class Received: Sendable {
    private struct State {
        var ids: Set<String> = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var ids: Set<String> { state.withLock { $0.ids } }

    func insert(_ id: String) {
        let ready = state.withLock { state in
            state.ids.insert(id)
            let count = state.ids.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func waitForMore(_ count: Int) async {
        await wait(for: ids.count + count)
    }

    /// Returns early when the test is cancelled, as its time limit does.
    func wait(for count: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.ids.count >= count || Task.isCancelled { return true }
                    state.waiters.append((count, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume() }
        }
    }
}

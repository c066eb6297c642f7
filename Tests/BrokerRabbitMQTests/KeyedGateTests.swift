import Synchronization
import Testing

@testable import BrokerRabbitMQ

private final class Presence: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func change(_ key: Int, by delta: Int) -> Int {
        counts.withLock { counts in
            counts[key, default: 0] += delta
            return counts[key] ?? 0
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Keyed gate` {
    @Test func `lets one at a time work on a key`() async {
        let gate = KeyedGate()
        let presence = Presence()
        await withDiscardingTaskGroup { tasks in
            for number in 0..<200 {
                tasks.addTask {
                    await gate.run("\(number % 4)") {
                        #expect(presence.change(number % 4, by: 1) == 1)
                        await Task.yield()
                        #expect(presence.change(number % 4, by: -1) == 0)
                    }
                }
            }
        }
    }

    @Test func `does not let one key wait for another`() async {
        let gate = KeyedGate()
        let result = await gate.run("a") { await gate.run("b") { 1 } }
        #expect(result == 1)
    }
}

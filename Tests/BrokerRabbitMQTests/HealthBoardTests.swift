import AMQP
import Distribution
import Testing

@testable import BrokerRabbitMQ

@Suite struct `Health of two connections` {
    private static let gone = BrokerHealth.disconnected(
        reason: AMQPError.unreachable("gone").description, remediation: AMQPError.unreachable("gone").remediation)

    private func history(_ changes: (HealthBoard) -> Void) async -> [BrokerHealth] {
        let board = HealthBoard()
        let stream = board.subscribe()
        changes(board)
        board.close()
        var history: [BrokerHealth] = []
        for await health in stream { history.append(health) }
        // The first and the last word are always that nothing is connected.
        return Array(history.dropFirst().dropLast())
    }

    @Test func `is connected only while both are`() async {
        let seen = await history { board in
            board.update(.consuming, .connected(generation: 1))
            board.update(.publishing, .connected(generation: 1))
            board.update(.consuming, .connecting(attempt: 1, lastError: .unreachable("gone")))
            board.update(.consuming, .connected(generation: 2))
        }
        #expect(seen == [.connected(generation: 2), Self.gone, .connected(generation: 3)])
    }

    @Test func `keeps its generation over an alarm, and only the publisher's alarm counts`() async {
        let seen = await history { board in
            board.update(.publishing, .connected(generation: 1))
            board.update(.consuming, .connected(generation: 1))
            board.update(.consuming, .blocked(reason: "memory"))
            board.update(.publishing, .blocked(reason: "memory"))
            board.update(.publishing, .connected(generation: 1))
        }
        #expect(seen == [.connected(generation: 2), .blocked(reason: "memory"), .connected(generation: 2)])
    }

    @Test(arguments: [HealthBoard.Side.publishing, .consuming])
    func `tells the reason that either knows, while the other is at its first attempt and whenever it tries again`(
        side: HealthBoard.Side
    ) async {
        let seen = await history { board in
            for attempt in 1...3 {
                board.update(side, .connecting(attempt: attempt, lastError: attempt == 1 ? nil : .unreachable("gone")))
                board.update(side, .connecting(attempt: attempt + 1, lastError: .unreachable("gone")))
            }
        }
        #expect(seen == [Self.gone])
    }

    @Test func `is told to whoever asks, beginning with the present one, and ends with the broker`() async {
        let board = HealthBoard()
        board.update(.publishing, .connected(generation: 1))
        board.update(.consuming, .connected(generation: 1))
        var first: BrokerHealth?
        for await health in board.subscribe() {
            first = health
            break
        }
        #expect(first == .connected(generation: 2))
        board.close()
        var count = 0
        for await _ in board.subscribe() { count += 1 }
        #expect(count == 1)
    }
}

import AMQP
import Distribution
import LocalBroker
import Logging
import NIOPosix
import Testing

@testable import BrokerRabbitMQ

/// Dead letters that are published while their queue is deleted and declared anew.
@Suite(.timeLimit(.minutes(1))) struct `Dead letters and the renewal of their queue` {
    /// Deletes the queue of dead letters and declares it anew once what is published has been sent.
    private final class Renewal: CrashPoints {
        let window: DeadLetterWindow

        init(_ window: DeadLetterWindow) {
            self.window = window
        }

        func reached(_ point: CrashPoint) {
            window.close()
            window.open()
        }
    }

    @Test func `meanwhile none is published, and none is taken as unrouted`() async throws {
        try await withBrokerPort { harness in
            let window = DeadLetterWindow()
            let publishers = publishers(harness, window, nil)
            window.close()
            _ = try await harness.raw.withChannel { try await $0.deleteQueue(name: harness.names.dead(of: .webhook)) }
            let refused = await publishers.publish(deadLetters: [Samples.deadLetter(1), Samples.deadLetter(2)])
            #expect(refused == [.failed, .failed])
            try await harness.raw.withChannel { try await harness.broker.topology.declare(on: $0) }
            window.open()
            #expect(await publishers.publish(deadLetters: [Samples.deadLetter(1)]) == [.confirmed])
            let shown = try await harness.messageCount(harness.names.dead(of: .webhook))
            let unrouted = try await harness.messageCount(harness.names.unrouted)
            #expect((shown, unrouted) == (1, 0))
        }
    }

    @Test func `what was on its way by then does not count as confirmed`() async throws {
        try await withBrokerPort { harness in
            let window = DeadLetterWindow()
            let publishers = publishers(harness, window, Renewal(window))
            #expect(await publishers.publish(deadLetters: [Samples.deadLetter(1)]) == [.failed])
            let calm = self.publishers(harness, window, nil)
            #expect(await calm.publish(deadLetters: [Samples.deadLetter(1)]) == [.confirmed])
        }
    }

    private func publishers(
        _ harness: BrokerHarness, _ window: DeadLetterWindow, _ crashPoints: (any CrashPoints)?
    ) -> Publishers {
        Publishers(
            connection: harness.raw, topology: harness.broker.topology, deadLetterWindow: window,
            crashPoints: crashPoints)
    }
}

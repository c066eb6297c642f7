import AMQP
import ArgumentParser
import Distribution
import Foundation
import LocalBroker
import Logging
import NIOPosix

/// What the path of a plan costs with nothing on it: its hops through quorum queues, and its commits.
///
/// Clawcast cannot be faster than that on the same machine, and neither can anything else that loses nothing.
struct Floor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The latency of the bare path: queue, fdatasync, queue (receiver); fdatasync, queue (event).")

    @Option(help: "Messages to send through.") var messages = 300
    @Option(help: "Messages a second.") var rate = 20

    private static let queues = ["floor.plans", "floor.jobs", "floor.events"]

    func run() async throws {
        var logger = Logger(label: "clawcast-bench")
        logger.logLevel = .warning
        let broker = try await PrivateBroker.startTemporary(logger: logger)
        let connection = Connection(
            configuration: try ConnectionConfiguration(url: broker.amqpURL),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let outcome = await Result {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await connection.run() }
                defer { group.cancelAll() }
                _ = await connection.waitUntilConnected()
                try await measure(on: connection)
            }
        }
        await broker.stop(removingDirectory: true)
        try outcome.get()
    }

    private func measure(on connection: Connection) async throws {
        let file = try SyncedFile()
        let publisher = connection.makePublisher()
        let group = connection.makeConsumerGroup(name: "floor")
        for queue in Self.queues {
            try await connection.withChannel {
                _ = try await $0.declareQueue(name: queue, arguments: ["x-queue-type": .string("quorum")])
            }
            try await group.add(queue: queue, consumerTag: queue, prefetch: 16)
        }
        var deliveries = group.deliveries.makeAsyncIterator()
        var toReceiver: [Double] = []
        var toEvent: [Double] = []
        let clock = ContinuousClock()
        for number in 0..<messages + 20 {
            let next = clock.now + .milliseconds(1000 / rate)
            let start = Report.monotonicNanoseconds()
            var moments: [Int64] = []
            for (hop, queue) in Self.queues.enumerated() {
                if hop > 0 { try file.append(bytes: 4096) }
                async let confirmed = publisher.publish(Self.message(to: queue, bytes: hop == 0 ? 4096 : 2048))
                for delivery in await deliveries.next() ?? [] { delivery.ack() }
                moments.append(Report.monotonicNanoseconds())
                guard await confirmed == .confirmed else { throw BenchError("A message was not confirmed.") }
            }
            // The first messages warm connections and caches.
            if number >= 20 {
                toReceiver.append(Double(moments[1] - start) / 1e6)
                toEvent.append(Double(moments[2] - start) / 1e6)
            }
            try await clock.sleep(until: next)
        }
        Report.print(
            JSONObject([
                ("scenario", .string("floor")), ("messages", .integer(messages)),
                ("toReceiverP50Ms", .rounded(toReceiver.quantile(0.5), 2)),
                ("toReceiverP99Ms", .rounded(toReceiver.quantile(0.99), 2)),
                ("toEventP50Ms", .rounded(toEvent.quantile(0.5), 2)),
                ("toEventP99Ms", .rounded(toEvent.quantile(0.99), 2)),
            ]))
    }

    private static func message(to queue: String, bytes: Int) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "", routingKey: queue, properties: MessageProperties(),
            body: [UInt8](repeating: UInt8(ascii: "x"), count: bytes))
    }
}

/// A file that grows, each piece on disk before the call returns, as a commit is.
private final class SyncedFile {
    private let descriptor: Int32

    init() throws {
        var path = Array((FileManager.default.temporaryDirectory.path + "/clawcast-floor-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw BenchError("No temporary file: error \(errno).") }
        unlink(path)
    }

    func append(bytes count: Int) throws {
        let bytes = [UInt8](repeating: 1, count: count)
        guard write(descriptor, bytes, count) == count, fdatasync(descriptor) == 0 else {
            throw BenchError("The temporary file cannot be written: error \(errno).")
        }
    }

    deinit { close(descriptor) }
}

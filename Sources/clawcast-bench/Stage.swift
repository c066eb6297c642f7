import AMQP
import Distribution
import Egress
import Foundation
import LocalBroker
import LocalReceiver
import Logging
import NIOPosix

/// The parts of one scenario, up and running: broker, service, receiver, and this process as publisher and consumer.
struct Stage: Sendable {
    let broker: PrivateBroker
    let service: ServiceProcess
    let receiver: Receiver
    let connection: Connection
    let api: APIClient

    /// Starts everything, runs `body`, and stops everything again.
    ///
    /// - Parameter prepare: Is given the service's data folder before the service starts.
    static func with<Value: Sendable>(
        _ options: StageOptions, keepBodies: Bool = false, within limit: Duration = .seconds(300),
        prepare: (String) async throws -> Void = { _ in },
        _ body: @escaping @Sendable (Stage) async throws -> Value
    ) async throws -> Value {
        var logger = Logger(label: "clawcast-bench")
        logger.logLevel = .warning
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await prepare(folder)
        let broker = try await PrivateBroker.startTemporary(logger: logger)
        let receiver = try await Receiver.start(keepBodies: keepBodies)
        let service = try ServiceProcess(
            executable: options.clawcast, dataDirectory: folder, amqpURL: broker.amqpURL,
            concurrency: options.concurrency)
        let api = try await APIClient(service: service)
        let connection = Connection(
            configuration: try ConnectionConfiguration(url: broker.amqpURL),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let stage = Stage(broker: broker, service: service, receiver: receiver, connection: connection, api: api)
        let outcome = await Result { try await stage.run(within: limit, body) }
        await service.stop()
        await api.close()
        await receiver.stop()
        await broker.stop(removingDirectory: true)
        return try outcome.get()
    }

    private func run<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable (Stage) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                await connection.run()
                return nil
            }
            group.addTask {
                _ = await connection.waitUntilConnected()
                try await api.waitUntilReady()
                return try await body(self)
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw BenchError("The scenario did not end within \(limit.components.seconds) s.")
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw BenchError("The broker's connection ended.")
        }
    }

    /// CPU and memory of the service and the broker at this moment.
    func usage() throws -> (service: ProcessUsage, broker: ProcessUsage) {
        guard let brokerID = broker.processID else { throw BenchError("The broker has ended.") }
        return (try ProcessUsage(of: service.processID), try ProcessUsage(of: brokerID))
    }

    /// Creates webhook targets of this stage's receiver, one path each.
    func createTargets(_ count: Int, path: String = "/t", retry: JSON = .null) async throws -> [Int64] {
        var ids: [Int64] = []
        for number in 0..<count { ids.append(try await createTarget(at: "\(path)/\(number)", retry: retry)) }
        return ids
    }

    func createTarget(at path: String, retry: JSON = .null, maxInFlight: Int = 32) async throws -> Int64 {
        var target: JSONObject = [
            "name": .string(path), "channelType": .string("webhook"),
            "config": .object(["url": .string(receiver.url(path))]), "maxInFlight": .integer(maxInFlight),
        ]
        if !retry.isNull { target["retry"] = retry }
        return try await api.createTarget(target)
    }

    /// Publishes plans batch by batch, each once the broker has confirmed the one before, and returns when it has all.
    ///
    /// - Parameter plan: The plan of each number.
    func publish(_ numbers: Range<Int>, inBatchesOf size: Int = 100, plan: (Int) -> PlanMessage) async throws {
        let publisher = connection.makePublisher()
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: size) {
            let batch = (start..<min(start + size, numbers.upperBound)).map { plan($0).message(number: $0) }
            guard await publisher.publish(batch).allSatisfy({ $0 == .confirmed }) else {
                throw BenchError("A plan was not confirmed.")
            }
        }
    }

    /// Messages in a queue that wait for a consumer.
    func depth(of queue: String) async throws -> Int {
        try await connection.withChannel { channel in
            try await Int(channel.declareQueue(name: queue, passive: true).messageCount)
        }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

import Logging
import Synchronization

/// One private node for the whole process, for test suites that need a broker and not its faults.
///
/// It starts on first use in a temporary folder. It is killed, and the folder removed, when the process ends.
package enum SharedBroker {
    private static let running = Mutex<Task<PrivateBroker, any Error>?>(nil)
    private static let virtualHosts = VirtualHosts()

    /// The process's node; everyone who asks while it starts waits for the same one.
    ///
    /// - Throws: what `PrivateBroker.start` throws, to every caller alike.
    package static func instance() async throws -> PrivateBroker {
        let task = running.withLock { running in
            let task = running ?? Task { try await start() }
            running = task
            return task
        }
        return try await task.value
    }

    /// The AMQP URL of a new, empty virtual host, so that suites can all use the same names at the same time.
    package static func freshVirtualHost() async throws -> String {
        try await virtualHosts.next(on: try await instance())
    }

    private static func start() async throws -> PrivateBroker {
        var logger = Logger(label: "clawcast.shared-broker")
        logger.logLevel = .warning
        return try await PrivateBroker.start(
            PrivateBrokerConfiguration(directory: try NodeDirectory.temporary(), isEphemeral: true, schedulers: 1),
            logger: logger)
    }
}

/// Makes virtual hosts one after the other: two calls into the node at once would fight over one Erlang name.
private actor VirtualHosts {
    private var count = 0
    private var latest: Task<String, any Error>?

    func next(on broker: PrivateBroker) async throws -> String {
        count += 1
        let (name, previous) = ("suite-\(count)", latest)
        let task = Task {
            _ = await previous?.result
            return try await broker.createVirtualHost(name)
        }
        latest = task
        return try await task.value
    }
}

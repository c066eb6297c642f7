import Logging
import Synchronization

/// One private node for the whole process, for test suites that need a broker and not its faults.
///
/// It starts on first use in a temporary folder. It is killed, and the folder removed, when the process ends.
package enum SharedBroker {
    private static let running = Mutex<Task<PrivateBroker, any Error>?>(nil)
    private static let count = Mutex(0)

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
        let number = count.withLock { count in
            count += 1
            return count
        }
        return try await instance().createVirtualHost("suite-\(number)")
    }

    private static func start() async throws -> PrivateBroker {
        var logger = Logger(label: "clawcast.shared-broker")
        logger.logLevel = .warning
        return try await PrivateBroker.start(
            PrivateBrokerConfiguration(directory: try NodeDirectory.temporary(), isEphemeral: true, schedulers: 1),
            logger: logger)
    }
}

/// Why a private node could not be started, reached or commanded.
package struct LocalBrokerError: Error, Sendable, CustomStringConvertible {
    /// What to match on.
    package enum Code: String, Sendable {
        /// RabbitMQ or a program it needs is not on this machine.
        case notInstalled = "BROKER_NOT_INSTALLED"
        /// The data folder cannot be made, read or written.
        case directoryUnusable = "BROKER_DIRECTORY_UNUSABLE"
        /// A living process runs a node in the same data folder.
        case directoryInUse = "BROKER_DIRECTORY_IN_USE"
        /// The node ended before it was ready.
        case startFailed = "BROKER_START_FAILED"
        /// The node was not ready within the time given; it has been stopped.
        case startTimedOut = "BROKER_START_TIMED_OUT"
        /// The call needs a running node and there is none.
        case notRunning = "BROKER_NOT_RUNNING"
        /// A command line tool refused or failed.
        case commandFailed = "BROKER_COMMAND_FAILED"
        /// The operating system refused a call.
        case system = "BROKER_SYSTEM_ERROR"
    }

    package let code: Code
    /// What happened and what to do about it.
    package let message: String
    /// The words of whoever failed first, where there are any.
    package let cause: String?

    init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String {
        guard let cause, !cause.isEmpty else { return "\(code.rawValue): \(message)" }
        return "\(code.rawValue): \(message) (\(cause))"
    }
}

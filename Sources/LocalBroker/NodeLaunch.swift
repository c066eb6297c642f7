import Logging

/// One attempt after the other to bring a node up in a data folder.
struct NodeLaunch: Sendable {
    let configuration: PrivateBrokerConfiguration
    let installation: Installation
    let directory: NodeDirectory
    let logger: Logger

    /// Starts the folder's node, or a new one in a new folder; moves to other ports where its own are taken.
    func start() async throws(LocalBrokerError) -> PrivateBroker {
        let lock = try await DirectoryLock.acquire(directory)
        let kept = try directory.loadIdentity()
        if let kept { await clear(kept) }
        var identity = if let kept { kept } else { try NodeIdentity.random() }
        for attempt in 1... {
            if !identity.ports.areUnused { identity.ports = try .unused() }
            switch try await launch(identity, lock) {
            case .ready(let supervisor): return PrivateBroker(self, identity, supervisor)
            case .portTaken(let words):
                guard attempt < 5 else { throw Self.startFailed(words) }
                logger.notice(
                    "a port of the private broker was taken, trying others", metadata: ["attempt": "\(attempt)"])
                identity.ports = try .unused()
            }
        }
        throw Self.startFailed("")
    }

    /// Starts the node again under the identity its clients know.
    func restart(_ identity: NodeIdentity) async throws(LocalBrokerError) -> Supervisor {
        let lock = try await DirectoryLock.acquire(directory)
        await clear(identity)
        switch try await launch(identity, lock) {
        case .ready(let supervisor): return supervisor
        case .portTaken(let words): throw Self.startFailed(words)
        }
    }

    private enum Outcome {
        case ready(Supervisor)
        case portTaken(String)
    }

    private func launch(
        _ identity: NodeIdentity, _ lock: borrowing DirectoryLock
    ) async throws(LocalBrokerError) -> Outcome {
        try directory.store(identity, configuration)
        let supervisor = try Supervisor(
            installation, directory, identity, configuration, lock: lock)
        let readiness = Readiness(
            supervisor: supervisor, probe: LoginProbe(port: identity.ports.amqp, credentials: identity.credentials),
            timeoutSeconds: configuration.startupTimeoutSeconds)
        switch await readiness.result() {
        case .ready:
            logger.debug("private broker ready", metadata: ["port": "\(identity.ports.amqp)"])
            return .ready(supervisor)
        case .ended:
            await end(supervisor, identity)
            let words = lastWords()
            let isTaken = ["eaddrinuse", "dist_port_already_used", "already running"].contains { words.contains($0) }
            guard isTaken else { throw Self.startFailed(words) }
            return .portTaken(words)
        case .timedOut:
            await end(supervisor, identity)
            throw LocalBrokerError(
                .startTimedOut, "RabbitMQ was not ready after \(configuration.startupTimeoutSeconds) s.",
                cause: lastWords())
        case .cancelled:
            await end(supervisor, identity)
            throw LocalBrokerError(.startFailed, "Starting the private broker was cancelled.")
        }
    }

    private func clear(_ identity: NodeIdentity) async {
        let count = await NodeProcesses(mark: identity.mark).terminate()
        guard count > 0 else { return }
        logger.notice(
            "stopped a private broker that an earlier process left behind", metadata: ["processes": "\(count)"])
    }

    /// Makes sure that a start that failed leaves no process behind.
    private func end(_ supervisor: Supervisor, _ identity: NodeIdentity) async {
        supervisor.stop()
        await supervisor.exited()
        await NodeProcesses(mark: identity.mark).terminate()
    }

    /// The end of what the node wrote to its console.
    private func lastWords() -> String {
        String((FileBytes.text(at: directory.console) ?? "").suffix(2_000))
    }

    private static func startFailed(_ words: String) -> LocalBrokerError {
        LocalBrokerError(.startFailed, "RabbitMQ ended while it was starting.", cause: words)
    }
}

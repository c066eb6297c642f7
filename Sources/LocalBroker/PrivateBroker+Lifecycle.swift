import Glibc
import Logging
import Synchronization

extension PrivateBroker {
    /// Stops the node as RabbitMQ wants to be stopped and returns when its processes are gone.
    ///
    /// Takes 1–2 s, with `management` 6 s; a node that has not stopped after 20 s is killed. Stopping twice, or after
    /// `kill()`, does nothing.
    ///
    /// - Parameter removingDirectory: whether the data folder is removed, with everything in it.
    package func stop(removingDirectory: Bool = false) async {
        let supervisor = current
        supervisor.stop()
        await supervisor.exited()
        await NodeProcesses(mark: identity.mark).terminate()
        logger.debug("private broker stopped")
        guard removingDirectory else { return }
        let removal = Command(
            executable: "/bin/rm", arguments: ["-rf", "--", directory.path],
            environment: ["PATH": Installation.searchPath])
        do throws(LocalBrokerError) {
            _ = try await removal.output()
        } catch {
            logger.warning("data folder not removed", metadata: ["error": "\(error)"])
        }
    }

    /// Kills the node with SIGKILL, as a crash would, and returns when its processes are gone.
    package func kill() async {
        let supervisor = current
        if let machine = processID { Glibc.kill(machine, SIGKILL) } else { supervisor.stop() }
        await supervisor.exited()
        await NodeProcesses(mark: identity.mark).terminate()
    }

    /// Starts the node again after `stop()`, `kill()` or its own end: same folder, ports, credentials and messages.
    ///
    /// A node that runs is stopped first. Must not be called from two tasks at once.
    ///
    /// - Throws: as `start` does; `notRunning` where the node is ephemeral, for its folder went with it; `startFailed` where another program has taken a port since.
    package func restart() async throws(LocalBrokerError) {
        guard !configuration.isEphemeral else {
            throw LocalBrokerError(.notRunning, "An ephemeral node cannot be started again. Start a new one.")
        }
        await stop()
        let launch = NodeLaunch(
            configuration: configuration, installation: installation, directory: directory, logger: logger)
        let next = try await launch.restart(identity)
        supervisor.withLock { $0 = next }
    }

    /// Freezes the node with SIGSTOP: its sockets stay open and answer nothing. Returns once all of it stands still, or
    /// after a second.
    package func suspend() {
        guard let machine = processID else { return }
        Glibc.kill(machine, SIGSTOP)
        var checks = 0
        while !ProcessTable.isStopped(machine), checks < 1_000 {
            checks += 1
            usleep(1_000)
        }
    }

    /// Lets a frozen node go on.
    package func resume() {
        if let machine = processID { Glibc.kill(machine, SIGCONT) }
    }
}

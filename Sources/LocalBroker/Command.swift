import Dispatch
import Glibc
import Synchronization

/// A command line tool that is run to its end.
struct Command: Sendable {
    let executable: String
    let arguments: [String]
    let environment: [String: String]
    /// What the tool reads; at most 4 KiB, so that writing it never waits for the tool.
    var input = ""
    /// After so long the tool is killed, with whatever it has started.
    var timeoutSeconds = 120

    /// Runs the tool and returns what it wrote to its standard output and error.
    ///
    /// What it has started and left behind is killed: it could keep the output open for as long as it likes.
    ///
    /// - Throws: `commandFailed` with the output as cause where the tool ends with anything but 0, or not in time.
    func output() async throws(LocalBrokerError) -> String {
        let result: Result<(String, Int32), LocalBrokerError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "clawcast.command").async {
                continuation.resume(returning: Result { () throws(LocalBrokerError) in try run() })
            }
        }
        let (text, status) = try result.get()
        guard status == 0 else {
            let name = executable.split(separator: "/").last.map(String.init) ?? executable
            throw LocalBrokerError(.commandFailed, "\(name) failed.", cause: text)
        }
        return text
    }

    private func run() throws(LocalBrokerError) -> (String, Int32) {
        let pair = try OwnedDescriptor.pair()
        let child = try ChildProcess.unwatched(
            executable, arguments, environment, [pair.far.number, pair.far.number, pair.far.number])
        let near = pair.keepingNear()
        var text = input
        text.withUTF8 { bytes in _ = send(near.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
        shutdown(near.number, Int32(SHUT_WR))
        let watch = Watch(child)
        DispatchQueue(label: "clawcast.command.end").async { watch.followEnd() }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(timeoutSeconds)) { watch.expire() }
        let output = FileBytes.read(near.number)
        let (status, wasLate) = watch.end()
        guard !wasLate else {
            throw LocalBrokerError(
                .commandFailed, "\(executable) did not end within \(timeoutSeconds) s and was killed.",
                cause: String(decoding: output, as: UTF8.self))
        }
        return (String(decoding: output, as: UTF8.self), status)
    }

    /// Kills the group that a child leads, once the child has ended or is late, and never after it has been reaped: until
    /// then its number is nobody else's.
    private final class Watch: Sendable {
        private let child: pid_t
        private let state = Mutex((isReaped: false, isLate: false))

        init(_ child: pid_t) {
            self.child = child
        }

        /// Returns when the child has ended, and nothing is left of what it started.
        func followEnd() {
            waitForEnd()
            killGroup()
        }

        func expire() {
            let isLate = state.withLock { state in
                state.isLate = !state.isReaped
                return state.isLate
            }
            if isLate { killGroup() }
        }

        /// Reaps the child.
        func end() -> (status: Int32, wasLate: Bool) {
            waitForEnd()
            var status: Int32 = 0
            return state.withLock { state in
                while waitpid(child, &status, 0) < 0 && errno == EINTR {}
                state.isReaped = true
                return (status, state.isLate)
            }
        }

        /// Returns when the child has ended, and leaves it to be reaped.
        private func waitForEnd() {
            var info = siginfo_t()
            while waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        }

        private func killGroup() {
            state.withLock { state in
                if !state.isReaped { kill(-child, SIGKILL) }
            }
        }
    }
}

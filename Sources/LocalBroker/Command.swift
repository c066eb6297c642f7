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
    /// After so long the tool is killed.
    var timeoutSeconds = 120

    /// Runs the tool and returns what it wrote to its standard output and error.
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
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(timeoutSeconds)) { watch.expire() }
        let output = FileBytes.read(near.number)
        guard watch.end() else {
            throw LocalBrokerError(
                .commandFailed, "\(executable) did not end within \(timeoutSeconds) s and was killed.",
                cause: String(decoding: output, as: UTF8.self))
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (String(decoding: output, as: UTF8.self), status)
    }

    /// Kills a child that is late, and never one that has been reaped.
    private final class Watch: Sendable {
        private let child: pid_t
        private let isOver = Mutex(false)

        init(_ child: pid_t) {
            self.child = child
        }

        func expire() {
            isOver.withLock { isOver in
                guard !isOver else { return }
                isOver = true
                kill(child, SIGKILL)
                while waitpid(child, nil, 0) < 0 && errno == EINTR {}
            }
        }

        /// - Returns: Whether the child is still to be reaped.
        func end() -> Bool {
            isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
        }
    }
}

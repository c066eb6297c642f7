import Dispatch
import Glibc

/// A command line tool that is run to its end.
struct Command: Sendable {
    let executable: String
    let arguments: [String]
    let environment: [String: String]
    /// What the tool reads; at most 4 KiB, so that writing it never waits for the tool.
    var input = ""

    /// Runs the tool and returns what it wrote to its standard output and error.
    ///
    /// - Throws: `commandFailed` with the output as cause where the tool ends with anything but 0.
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
        let output = FileBytes.read(near.number)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (String(decoding: output, as: UTF8.self), status)
    }
}

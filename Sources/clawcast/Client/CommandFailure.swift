/// Why a command did not do what it was asked to: a sentence for people, what to do, and the exit code.
struct CommandFailure: Error, Sendable, CustomStringConvertible {
    /// What happened.
    let message: String
    /// What to do about it.
    let remediation: String?
    /// 1 failed, 2 wrongly called.
    let exitCode: Int32
    /// The API's own words, for machines.
    let json: [UInt8]?

    init(_ message: String, remediation: String? = nil, exitCode: Int32 = 1, json: [UInt8]? = nil) {
        self.message = message
        self.remediation = remediation
        self.exitCode = exitCode
        self.json = json
    }

    var description: String { remediation.map { "\(message)\n\($0)" } ?? message }

    /// Ends the command with 1 where everything has been said already.
    static let silent = CommandFailure("")
}

import ArgumentParser

/// How a command that did not succeed says so.
enum ExitReport {
    /// Tells whoever ran the command what happened, and returns the exit code: 0 done, 1 failed, 2 wrongly called.
    static func tell(_ error: any Error) -> Int32 {
        let diagnostics = Terminal.diagnostics(Environment.variables)
        switch error {
        case let failure as CommandFailure:
            if !failure.message.isEmpty { tell(failure.message, failure.remediation, on: diagnostics) }
            return failure.exitCode
        case let problem as ConfigurationError:
            for sentence in problem.problems { tell(sentence, nil, on: diagnostics) }
            return 2
        default:
            return tellParser(error, on: diagnostics)
        }
    }

    private static func tell(_ message: String, _ remediation: String?, on terminal: Terminal) {
        terminal.line(terminal.styled("error:", .red) + " " + DisplayText.safe(message))
        if let remediation, !remediation.isEmpty { terminal.line("  " + DisplayText.safe(remediation)) }
    }

    /// What the argument parser throws: help and version are no failures, wrong arguments come with the usage.
    private static func tellParser(_ error: any Error, on diagnostics: Terminal) -> Int32 {
        let code = Clawcast.exitCode(for: error)
        let text = Clawcast.fullMessage(for: error)
        if code.isSuccess {
            if !text.isEmpty { Terminal.output(Environment.variables).line(text) }
            return 0
        }
        if error is ExitCode { return code.rawValue }
        if !text.isEmpty { diagnostics.line(text) }
        return code == .validationFailure ? 2 : 1
    }
}

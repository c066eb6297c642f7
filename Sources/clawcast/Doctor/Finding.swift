import Distribution

/// What one check of `doctor` found.
struct Finding: Sendable {
    enum Verdict: String, Sendable {
        case ok
        /// It works, but not as it should.
        case warn
        /// The service cannot do its work like this.
        case fail
        /// It could not be looked at from here.
        case skipped
    }

    let verdict: Verdict
    /// What was looked at, in a word or two.
    let subject: String
    let detail: String
    /// What to do about it.
    let remediation: String?

    init(_ verdict: Verdict, _ subject: String, _ detail: String, remediation: String? = nil) {
        self.verdict = verdict
        self.subject = subject
        self.detail = detail
        self.remediation = remediation
    }

    var json: JSON {
        .object([
            "subject": .string(subject), "verdict": .string(verdict.rawValue), "detail": .string(detail),
            "remediation": remediation.map { .string($0) } ?? .null,
        ])
    }

    func text(on terminal: Terminal) -> String {
        let blanks = String(repeating: " ", count: 9 - verdict.rawValue.count)
        let space = String(repeating: " ", count: max(1, 14 - subject.count))
        var text = terminal.styled(verdict.rawValue, Style.status(verdict.rawValue)) + blanks
        text += terminal.styled(subject, .bold) + space + DisplayText.safe(detail) + "\n"
        if let remediation {
            text += String(repeating: " ", count: 23) + terminal.styled(DisplayText.safe(remediation), .dim) + "\n"
        }
        return text
    }
}

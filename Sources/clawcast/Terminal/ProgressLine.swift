/// What is going on, on one line that is written over while a person watches, else on a new line for each change.
struct ProgressLine {
    private let terminal: Terminal
    private var last = ""

    init(on terminal: Terminal) {
        self.terminal = terminal
    }

    mutating func show(_ text: String) {
        guard text != last else { return }
        last = text
        if terminal.isInteractive {
            let shown = terminal.width.map { DisplayText.truncated(text, to: $0 - 1) } ?? text
            terminal.write("\r\u{1B}[2K\(shown)")
        } else {
            terminal.line(text)
        }
    }

    /// Clears the line for what comes after.
    mutating func finish() {
        if terminal.isInteractive, !last.isEmpty { terminal.write("\r\u{1B}[2K") }
        last = ""
    }
}

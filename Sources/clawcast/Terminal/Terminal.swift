import Glibc

/// One of the two streams to whoever runs the command.
struct Terminal: Sendable {
    private let descriptor: Int32
    /// Whether a person watches, on something that can rewrite a line.
    let isInteractive: Bool
    let usesColour: Bool
    /// In columns; nil where the text may be as wide as it likes.
    let width: Int?

    init(descriptor: Int32, isInteractive: Bool, usesColour: Bool, width: Int?) {
        self.descriptor = descriptor
        self.isInteractive = isInteractive
        self.usesColour = usesColour
        self.width = width
    }

    /// Colours need a terminal that is not `dumb`, and no `NO_COLOR` (no-color.org).
    init(descriptor: Int32, environment: [String: String]) {
        let isInteractive = isatty(descriptor) == 1 && environment["TERM", default: "dumb"] != "dumb"
        self.init(
            descriptor: descriptor, isInteractive: isInteractive,
            usesColour: isInteractive && environment["NO_COLOR", default: ""].isEmpty,
            width: isInteractive ? Self.columns(of: descriptor) : nil)
    }

    static func output(_ environment: [String: String]) -> Terminal {
        Terminal(descriptor: STDOUT_FILENO, environment: environment)
    }

    static func diagnostics(_ environment: [String: String]) -> Terminal {
        Terminal(descriptor: STDERR_FILENO, environment: environment)
    }

    func styled(_ text: String, _ style: Style?) -> String {
        guard usesColour, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    func line(_ text: String = "") { write(text + "\n") }

    func write(_ text: String) { write(bytes: Array(text.utf8)) }

    /// Writes all of it, as far as the reader takes it: a closed pipe is not an error of ours.
    func write(bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    private static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return nil }
        return Int(size.ws_col)
    }
}

import Distribution
import Orchestrator

/// What a command works with: the service's API and the person or machine that reads the answer.
struct Session: Sendable {
    let api: APIClient
    let output: Terminal
    let diagnostics: Terminal
    /// Whether a machine reads the answer.
    let wantsJSON: Bool

    var now: Timestamp { SystemTime().now() }

    /// Shows an answer: as it came to machines, by `present` to people.
    func show(_ answer: APIAnswer, _ present: (JSON) -> String) {
        if wantsJSON {
            output.write(bytes: answer.bytes.last == UInt8(ascii: "\n") ? answer.bytes : answer.bytes + [0x0A])
        } else {
            output.write(present(answer.data))
        }
    }

    /// Shows a list: as it came to machines, as a table with a hint at the next page to people.
    func show(list answer: APIAnswer, of things: String, _ fill: ([JSON]) -> Table) {
        show(answer) { _ in
            let items = answer.items
            return items.isEmpty ? "There are no \(things).\n" : fill(items).rendered(on: output)
        }
        if !wantsJSON, answer.meta.bool("hasMore") == true, let cursor = answer.meta.text("nextCursor") {
            diagnostics.line(diagnostics.styled("There are more: --cursor \(DisplayText.safe(cursor))", .dim))
        }
    }

    func relative(_ time: String?) -> String? { RelativeTime.text(time, now: now) }
}

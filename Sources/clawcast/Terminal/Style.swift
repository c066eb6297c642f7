/// How a piece of text stands out on a terminal that has colours (ECMA-48 SGR).
enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case cyan = "36"

    /// How a status of a plan, a job or a target looks.
    static func status(_ status: String) -> Style? {
        switch status {
        case "succeeded", "active", "ok": .green
        case "failed", "disabled", "fail": .red
        case "blocked", "partial", "retrying", "paused", "warn": .yellow
        case "running", "queued", "scheduled": .cyan
        case "cancelled", "skipped": .dim
        default: nil
        }
    }
}

import Distribution

/// An event as it came over AMQP, told in a line.
struct DemoEvent {
    /// `job.succeeded`
    let kind: String
    private let data: JSON

    /// - Parameter message: a CloudEvent; nil where it is none.
    init?(message: [UInt8]) {
        guard let event = try? JSON.parse(message), let type = event.text("type"), let data = event.member("data")
        else {
            return nil
        }
        kind = type.hasPrefix("distribution.") ? String(type.dropFirst("distribution.".count)) : type
        self.data = data
    }

    var planID: Int64? { data.member("plan")?.integer("id") }

    /// - Parameters:
    ///   - elapsed: milliseconds since the plans were published.
    ///   - names: of targets by id.
    func line(elapsed: Int64, names: [Int64: String], on terminal: Terminal) -> String {
        let (symbol, style) = appearance
        let tenths = elapsed / 100
        let time = "+\(tenths / 10).\(tenths % 10) s"
        let columns = [
            terminal.styled(Self.padded(time, 8), .dim), terminal.styled("\(symbol) " + Self.padded(kind, 15), style),
            terminal.styled(Self.padded(subject(names), 9), .bold), DisplayText.safe(story),
        ]
        return columns.joined(separator: " ")
    }

    private var appearance: (symbol: String, style: Style) {
        switch kind {
        case "job.succeeded": ("✓", .green)
        case "job.failed", "plan.rejected", "target.disabled": ("✗", .red)
        case "job.retrying": ("↻", .yellow)
        case "job.blocked": ("■", .yellow)
        case "plan.completed": ("●", .cyan)
        default: ("·", .dim)
        }
    }

    private func subject(_ names: [Int64: String]) -> String {
        if let target = data.member("job")?.integer("targetId") { return names[target] ?? "target \(target)" }
        if let target = data.member("target") { return target.text("name") ?? "" }
        return planID.map { "plan \($0)" } ?? ""
    }

    private var story: String {
        let job = data.member("job")
        switch kind {
        case "job.succeeded":
            let meta = data.member("receipt")?.member("responseMeta")
            return "delivered on attempt \(job?.label("attempt") ?? "?"): HTTP \(meta?.label("statusCode") ?? "?") "
                + "in \(meta?.label("durationMs") ?? "?") ms"
        case "job.retrying":
            return "attempt \(job?.label("attempt") ?? "?") failed: \(error); the next is due \(nextAttempt)"
        case "job.failed":
            return "given up after attempt \(job?.label("attempt") ?? "?"): \(error)"
        case "job.blocked":
            return "never sent: \(error)"
        case "plan.completed":
            let status = data.member("plan")?.text("status") ?? "?"
            return "\(status): \(PlanPresentation.counts(data.member("counts")) ?? "")"
        case "plan.accepted":
            let total = data.member("counts")?.integer("total") ?? 0
            return "accepted for \(total) target\(total == 1 ? "" : "s")"
        case "plan.rejected":
            return data.member("error")?.text("error") ?? "rejected"
        default:
            return ""
        }
    }

    private var error: String {
        let code = data.member("error")?.text("code")
        let message = data.member("job")?.text("lastError")
        return [code, message].compactMap(\.self).joined(separator: ", ")
    }

    private var nextAttempt: String {
        guard let text = data.member("job")?.text("nextAttemptAt") else { return "soon" }
        return "at " + text.dropFirst(11)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - DisplayText.width(text)))
    }
}

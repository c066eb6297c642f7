import ArgumentParser
import Distribution

/// Asking for a run over dead letters and following it to its end.
struct DeadRun {
    let kind: DeadLetterRun.Kind
    let session: Session

    /// Shows the run that was accepted, at its end or, where nobody is to wait, as it stands.
    func follow(_ accepted: APIAnswer, waits: Bool) async throws {
        guard waits, let id = accepted.data.label("id") else {
            return session.show(accepted) { run in
                "Accepted as \(kind.rawValue) \(run.label("id") ?? "?"); see `clawcast dead runs show "
                    + "\(run.label("id") ?? "?")\(kind == .purge ? " --purge" : "")`.\n"
            }
        }
        let ended = try await outcome(of: id)
        session.show(ended) { Self.sentence($0, kind) }
    }

    private func outcome(of id: String) async throws -> APIAnswer {
        var progress = ProgressLine(on: session.diagnostics)
        defer { progress.finish() }
        var pause: Int64 = 50
        while true {
            let answer = try await session.api.call(.get, "/dead-letters/\(kind.plural)/\(id)")
            guard answer.data.text("status") == DeadLetterRun.Status.running.rawValue else { return answer }
            if !session.wantsJSON { progress.show(Self.progress(of: answer.data, kind)) }
            try await Task.sleep(for: .milliseconds(pause))
            pause = min(pause * 3 / 2, 1_000)
        }
    }

    static func progress(of run: JSON, _ kind: DeadLetterRun.Kind) -> String {
        let parts = [run.integer(kind.countName) ?? 0, run.integer("skipped") ?? 0]
        let (sum, overflows) = parts[0].addingReportingOverflow(parts[1])
        let looked = overflows ? .max : sum
        let total = max(run.integer("total") ?? 0, looked)
        let bar = ProgressBar.text(parts, of: total)
        return "\(kind == .replay ? "Replay" : "Purge") \(run.label("id") ?? "?") \(bar) \(looked) of \(total)"
    }

    static func sentence(_ run: JSON, _ kind: DeadLetterRun.Kind) -> String {
        let isOne = run.integer(kind.countName) == 1
        let outcome =
            switch kind {
            case .replay: isOne ? "is on its way again" : "are on their way again"
            case .purge: isOne ? "is purged" : "are purged"
            }
        let cancelled = run.text("status") == DeadLetterRun.Status.cancelled.rawValue ? "Cancelled: " : ""
        return cancelled + counted(run, kind, outcome)
    }

    static func counted(_ counts: JSON, _ kind: DeadLetterRun.Kind, _ outcome: String) -> String {
        let skipped = counts.integer("skipped") ?? 0
        let rest = skipped == 0 ? "" : " \(skipped) cannot be \(kind == .replay ? "sent again" : "purged")."
        let count = counts.integer(kind.countName) ?? 0
        return "\(count) dead letter\(count == 1 ? "" : "s") \(outcome).\(rest)\n"
    }
}

import ArgumentParser
import Distribution

/// Watching a plan until it has come to its end.
struct PlanWaiting: ParsableArguments {
    @Flag(help: "Wait until every job has ended; exit 1 unless all were delivered.")
    var wait = false

    @Option(help: "Give up waiting after so many seconds.")
    var timeout: Int?

    /// A year.
    private static let timeouts = 1...31_536_000

    func validate() throws {
        if let timeout, !Self.timeouts.contains(timeout) {
            throw ValidationError("--timeout must be a whole number of seconds from 1 to \(Self.timeouts.upperBound).")
        }
        if timeout != nil, !wait { throw ValidationError("--timeout needs --wait.") }
    }

    /// The plan at its end.
    ///
    /// - Throws: ``CommandFailure`` where the time runs out before; the plan goes on then.
    func outcome(of id: String, in session: Session) async throws -> APIAnswer {
        let deadline = timeout.map { session.now.adding(milliseconds: Int64($0) * 1000) }
        var progress = ProgressLine(on: session.diagnostics)
        defer { progress.finish() }
        var pause: Int64 = 100
        while true {
            let answer = try await session.api.call(.get, "/plans/\(id)")
            let status = answer.data.text("status") ?? ""
            guard !Self.final.contains(status) else { return answer }
            if !session.wantsJSON { progress.show("Plan \(id) \(status): \(Self.progress(of: answer.data))") }
            if let deadline, session.now >= deadline {
                throw CommandFailure(
                    "Plan \(id) has not ended after \(timeout ?? 0) s; it goes on.",
                    remediation: "See `clawcast plans show \(id)`.", json: answer.bytes)
            }
            try await Task.sleep(for: .milliseconds(pause))
            // Quick answers for quick plans, without a burden on the service from one that takes a day.
            pause = min(pause * 3 / 2, 2000)
        }
    }

    static let final: Set<String> = ["succeeded", "partial", "failed", "cancelled"]

    static func progress(of plan: JSON) -> String {
        let counts = PlanPresentation.counts(plan.member("counts")) ?? "no jobs"
        guard let total = plan.member("counts")?.integer("total"), total > 0 else { return counts }
        let ended = ["succeeded", "failed", "blocked", "cancelled"].map { plan.member("counts")?.integer($0) ?? 0 }
        return ProgressBar.text(ended, of: total) + " " + counts
    }
}

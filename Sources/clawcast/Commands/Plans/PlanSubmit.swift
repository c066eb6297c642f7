import ArgumentParser
import Distribution

struct PlanSubmit: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Submit a plan from a file or from standard input.",
        discussion: """
            The file holds the JSON of a plan as it would travel over AMQP. Sent twice with the same idempotency key it \
            is the same plan: nothing is delivered twice.

            EXAMPLES
              clawcast plans submit plan.json --wait
              clawcast plans submit - --dry-run < plan.json
            """)

    @Argument(help: "File with the plan, or - for standard input.", completion: .file())
    var file: String

    @Flag(help: "Check and render the plan without accepting it.") var dryRun = false
    @Option(help: "The key under which a repeat is recognized; else the plan's own.") var idempotencyKey: String?
    @OptionGroup var waiting: PlanWaiting
    @OptionGroup var client: ClientOptions

    func validate() throws {
        if dryRun, waiting.wait { throw ValidationError("Give either --dry-run or --wait, not both.") }
    }

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(
            .post, "/plans", query: [("mode", dryRun ? "dry_run" : nil)], bytes: try DocumentArgument.bytes(of: file),
            headers: idempotencyKey.map { [("idempotency-key", $0)] } ?? [])
        guard waiting.wait, let id = answer.data.label("id") else {
            return session.show(answer) { plan in
                let title =
                    dryRun ? "This plan would be accepted:\n" : answer.isReplayed ? "Known already.\n" : "Accepted.\n"
                return title + PlanPresentation.sheet(plan, in: session)
            }
        }
        try PlanShow.show(try await waiting.outcome(of: id, in: session), waited: true, in: session)
    }
}

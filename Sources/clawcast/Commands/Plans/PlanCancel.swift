import ArgumentParser
import Distribution

struct PlanCancel: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel the jobs of a plan that have not ended.",
        discussion: """
            With --key it is named by its idempotency key, also before it comes: a plan that comes with that key within \
            24 hours is called off at once.

            EXAMPLES
              clawcast plans cancel 7
              clawcast plans cancel --key 0d8f6f3e-5c1b-4a55-9d0e-2f6f7f1f8a11
            """)

    @Argument(help: "The plan's id.") var id: Int64?
    @Option(help: "The plan's idempotency key, instead of its id.") var key: String?
    @OptionGroup var client: ClientOptions

    func validate() throws {
        if (id == nil) == (key == nil) { throw ValidationError("Name the plan by its id or by --key.") }
    }

    func run(_ session: Session) async throws {
        let answer =
            if let id {
                try await session.api.call(.post, "/plans/\(id)/cancel")
            } else {
                try await session.api.call(
                    .post, "/plans/cancel", body: .object(["idempotencyKey": .string(key ?? "")]))
            }
        session.show(answer) { plan in
            guard plan.integer("id") != nil else {
                return "Remembered. \(plan.text("recommendedNextAction") ?? "")\n"
            }
            return "Cancelled.\n" + PlanPresentation.sheet(plan, in: session)
        }
    }
}

import ArgumentParser

struct PlanCancel: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel the jobs of a plan that have not ended.")

    @Argument(help: "The plan's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/plans/\(id)/cancel")
        session.show(answer) { "Cancelled.\n" + PlanPresentation.sheet($0, in: session) }
    }
}

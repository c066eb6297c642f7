import ArgumentParser

struct PlanRetry: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try the failed jobs of a plan again.")

    @Argument(help: "The plan's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/plans/\(id)/retry")
        session.show(answer) { "Trying again.\n" + PlanPresentation.sheet($0, in: session) }
    }
}

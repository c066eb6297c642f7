import ArgumentParser

struct PlanShow: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a plan, its jobs and what to do next.")

    @Argument(help: "The plan's id.") var id: Int64
    @OptionGroup var waiting: PlanWaiting
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer =
            waiting.wait
            ? try await waiting.outcome(of: String(id), in: session)
            : try await session.api.call(.get, "/plans/\(id)")
        try Self.show(answer, waited: waiting.wait, in: session)
    }

    /// - Parameter waited: whether anything but success is a failure of the command.
    static func show(_ answer: APIAnswer, waited: Bool, in session: Session) throws {
        session.show(answer) { PlanPresentation.sheet($0, in: session) }
        if waited, answer.data.text("status") != "succeeded" { throw CommandFailure.silent }
    }
}

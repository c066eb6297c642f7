import ArgumentParser

struct DeadShow: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one dead letter by its job's id.")

    @Argument(help: "The job's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "/dead-letters/\(id)")
        session.show(answer) { DeadPresentation.sheet($0, in: session) }
    }
}

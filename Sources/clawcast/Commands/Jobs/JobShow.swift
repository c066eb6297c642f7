import ArgumentParser

struct JobShow: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a job with every attempt and its receipt.")

    @Argument(help: "The job's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "/jobs/\(id)")
        session.show(answer) { JobPresentation.sheet($0, in: session) }
    }
}

import ArgumentParser

struct JobRetry: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try a failed job again.")

    @Argument(help: "The job's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/jobs/\(id)/retry")
        session.show(answer) { "Trying again.\n" + JobPresentation.sheet($0, in: session) }
    }
}

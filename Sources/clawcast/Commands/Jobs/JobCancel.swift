import ArgumentParser

struct JobCancel: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a job that has not ended.")

    @Argument(help: "The job's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/jobs/\(id)/cancel")
        session.show(answer) { "Cancelled.\n" + JobPresentation.sheet($0, in: session) }
    }
}

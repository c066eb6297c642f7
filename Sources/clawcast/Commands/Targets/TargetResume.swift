import ArgumentParser

struct TargetResume: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused target's jobs go on.")

    @Argument(help: "The target's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/targets/\(id)/resume")
        session.show(answer) {
            "Resumed.\n" + TargetPresentation.sheet($0, next: answer.meta.text("recommendedNextAction"), in: session)
        }
    }
}

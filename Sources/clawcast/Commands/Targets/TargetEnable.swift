import ArgumentParser

struct TargetEnable: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Take up a disabled target again, with the jobs that wait for it.")

    @Argument(help: "The target's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/targets/\(id)/enable")
        session.show(answer) {
            "Enabled.\n" + TargetPresentation.sheet($0, next: answer.meta.text("recommendedNextAction"), in: session)
        }
    }
}

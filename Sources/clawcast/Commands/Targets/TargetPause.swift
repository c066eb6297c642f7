import ArgumentParser

struct TargetPause: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a target's jobs wait until it is resumed.")

    @Argument(help: "The target's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "/targets/\(id)/pause")
        session.show(answer) { "Paused.\n" + TargetPresentation.sheet($0, in: session) }
    }
}

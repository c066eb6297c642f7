import ArgumentParser

struct TargetShow: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one target in full.")

    @Argument(help: "The target's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "/targets/\(id)")
        session.show(answer) {
            TargetPresentation.sheet($0, next: answer.meta.text("recommendedNextAction"), in: session)
        }
    }
}

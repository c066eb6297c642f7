import ArgumentParser
import Distribution

struct TargetPause: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a target's jobs wait until it is resumed.")

    @Argument(help: "The target's id.") var id: Int64
    @Option(help: "When it goes on by itself, such as 2026-04-06T09:00:00Z; without it, when it is resumed.")
    var until: String?
    @Option(help: "Why, for whoever asks.") var reason: String?
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard let until, Timestamp(iso8601: until) == nil else { return }
        throw ValidationError("--until must be an ISO 8601 date and time with a zone, as 2026-04-06T09:00:00Z.")
    }

    func run(_ session: Session) async throws {
        var body: JSONObject = [:]
        if let until { body["until"] = .string(until) }
        if let reason { body["reason"] = .string(reason) }
        let answer = try await session.api.call(.post, "/targets/\(id)/pause", body: .object(body))
        session.show(answer) {
            "Paused.\n" + TargetPresentation.sheet($0, next: answer.meta.text("recommendedNextAction"), in: session)
        }
    }
}

import ArgumentParser
import Distribution

struct DeadReplay: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters again, with the bytes and delivery ids they had.",
        discussion: """
            EXAMPLES
              clawcast dead replay 31 32
              clawcast dead replay --target 12
            """)

    @Argument(help: "The jobs' ids.") var ids: [Int64] = []
    @OptionGroup var filter: DeadFilter
    @OptionGroup var client: ClientOptions

    func validate() throws {
        if ids.isEmpty == filter.isEmpty { throw ValidationError("Name either jobs or a filter.") }
    }

    func run(_ session: Session) async throws {
        var body = filter.body
        if !ids.isEmpty { body["jobIds"] = .array(ids.map { .integer($0) }) }
        let answer = try await session.api.call(.post, "/dead-letters/replay", body: .object(body))
        session.show(answer) { "Replayed: \($0.compactText)\n" }
    }
}

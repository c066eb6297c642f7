import ArgumentParser

struct DeadPurge: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Forget dead letters for good.",
        discussion: "Asks for --yes, because what is purged cannot be replayed.")

    @OptionGroup var filter: DeadFilter
    @Flag(help: "Do it.") var yes = false
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard yes else { throw ValidationError("Purging cannot be undone; add --yes to do it.") }
    }

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.delete, "/dead-letters", query: filter.query)
        session.show(answer) { "Purged: \($0.compactText)\n" }
    }
}

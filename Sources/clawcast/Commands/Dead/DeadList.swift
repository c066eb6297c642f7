import ArgumentParser

struct DeadList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the domain's dead letters.")

    @OptionGroup var filter: DeadFilter
    @OptionGroup var time: DeathTime
    @OptionGroup var page: PageOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(
            .get, "/dead-letters", query: page.query + filter.query + time.query(now: session.now))
        session.show(list: answer, of: "dead letters") { DeadPresentation.table($0, in: session) }
    }
}

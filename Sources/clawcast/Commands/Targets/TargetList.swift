import ArgumentParser

struct TargetList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the domain's targets.")

    @OptionGroup var page: PageOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "/targets", query: page.query)
        session.show(list: answer, of: "targets") { TargetPresentation.table($0, in: session) }
    }
}

import ArgumentParser

struct PlanList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the domain's plans.")

    @Option(help: "Only plans of this status.") var status: String?
    @OptionGroup var page: PageOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "/plans", query: page.query + [("status", status)])
        session.show(list: answer, of: "plans") { PlanPresentation.table($0, in: session) }
    }
}

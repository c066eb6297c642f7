import ArgumentParser

struct JobList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the domain's jobs.")

    @Option(help: "Only jobs of this status.") var status: String?
    @Option(help: "Only jobs of this plan.") var plan: Int64?
    @Option(help: "Only jobs of this target.") var target: Int64?
    @Option(help: "Only jobs of this channel, such as webhook.") var channel: String?
    @Option(help: "Only jobs whose last error has this code, such as HTTP_STATUS.") var code: String?
    @OptionGroup var page: PageOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let filter = [
            ("status", status), ("planId", plan.map { "\($0)" }), ("targetId", target.map { "\($0)" }),
            ("channelType", channel), ("errorCode", code),
        ]
        let answer = try await session.api.call(.get, "/jobs", query: page.query + filter)
        session.show(list: answer, of: "jobs") { JobPresentation.table($0, in: session, showsPlan: true) }
    }
}

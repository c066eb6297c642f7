import ArgumentParser
import Distribution

struct TargetUpdate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a target; what is not given stays as it is.",
        discussion: """
            Jobs that wait already are sent to the new address with the new secret: both are read when an attempt is made.

            EXAMPLES
              clawcast targets update 12 --url https://shop.example/v2/hooks
              clawcast targets update 12 --secret-stdin < new.secret
              clawcast targets update 12 --rate-limit 5,10
              clawcast targets update 12 --rate-limit none
            """)

    @Argument(help: "The target's id.") var id: Int64
    @Option(help: "A new name.") var name: String?
    @OptionGroup var options: TargetOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        var body: JSONObject = [:]
        if let name { body["name"] = .string(name) }
        if options.url != nil || options.config != nil {
            let present = try await session.api.call(.get, "/targets/\(id)").data.member("config")?.objectValue
            body["config"] = try options.configuration(over: present ?? [:]).map(JSON.object)
        }
        try options.fill(&body)
        guard !body.isEmpty else {
            throw CommandFailure(
                "There is nothing to change.", remediation: "See `clawcast targets update --help`.", exitCode: 2)
        }
        let answer = try await session.api.call(.put, "/targets/\(id)", body: .object(body))
        session.show(answer) { "Updated.\n" + TargetPresentation.sheet($0, in: session) }
    }
}

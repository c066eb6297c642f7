import ArgumentParser
import Distribution

struct TargetAdd: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a target.",
        discussion: """
            A webhook is signed by the Standard Webhooks specification. Without --secret-file or --secret-stdin a secret \
            is made and shown once; hand it to whoever runs the receiver.

            EXAMPLES
              clawcast targets add --name shop --url https://shop.example/hooks
              clawcast targets add --name shop --url https://shop.example/hooks --secret-file shop.secret
              clawcast targets add --name erp --url https://erp.example/in --retry 5,60,600 --max-in-flight 2
              clawcast targets add --name shop --config '{"url":"https://shop.example/hooks","signatures":["v1"]}'
            """)

    @Option(help: "A name for people, 1 to 200 characters.")
    var name: String

    @Option(help: "The kind of target.")
    var channel = "webhook"

    @OptionGroup var options: TargetOptions
    @Flag(help: "Check the request without adding anything.") var dryRun = false
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        var body: JSONObject = ["name": .string(name), "channelType": .string(channel)]
        body["config"] = .object(try options.configuration() ?? [:])
        try options.fill(&body)
        let answer = try await session.api.call(
            .post, "/targets", query: [("mode", dryRun ? "dry_run" : nil)], body: .object(body))
        session.show(answer) { target in
            let title = dryRun ? "This target would be added:\n" : "Added.\n"
            return title + TargetPresentation.sheet(target, in: session)
                + TargetPresentation.generated(target, in: session)
        }
    }
}

import ArgumentParser
import Distribution
import Glibc

@main
struct Clawcast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clawcast",
        abstract: "Distribute content to many places, and know what became of it.",
        discussion: """
            Plans arrive over AMQP or HTTP, fan out into one queue per target, are delivered, retried or \
            dead-lettered, recorded in a ledger and reported back as events.

            FIRST STEPS
              clawcast demo    see it all happen, with nothing to set up
              clawcast run     start the service with a private broker
              clawcast targets add --name shop --url https://shop.example/hooks
              clawcast plans submit plan.json --wait

            Exit codes: 0 done, 1 failed, 2 wrongly called.
            """,
        version: "clawcast \(Release.version)",
        subcommands: subcommands)

    /// Parses the arguments and carries the command out.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Glibc.exit(ExitReport.tell(error))
        }
    }
}

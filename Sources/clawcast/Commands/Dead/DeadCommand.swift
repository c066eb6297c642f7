import ArgumentParser

struct DeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "See what could not be delivered, and send it again.",
        discussion: """
            A dead letter is a job that ended as failed. The ledger holds it with the bytes that were to be delivered; \
            what stands in the queues distribution.dead.* is a copy for other tools.
            """,
        subcommands: [DeadList.self, DeadShow.self, DeadReplay.self, DeadPurge.self, DeadRuns.self],
        defaultSubcommand: DeadList.self)
}

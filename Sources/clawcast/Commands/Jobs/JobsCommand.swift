import ArgumentParser

struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "See deliveries and their attempts.",
        discussion:
            "A job is the delivery of one plan to one target. It has one delivery id, the same on every attempt.",
        subcommands: [JobList.self, JobShow.self, JobRetry.self, JobCancel.self],
        defaultSubcommand: JobList.self)
}

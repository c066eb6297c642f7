import ArgumentParser

struct TargetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Add, show and change the places that content is delivered to.",
        discussion: """
            A target is one destination of one channel, owned by one domain. It gets a queue of its own, so that a slow \
            or broken one delays nobody else.
            """,
        subcommands: [
            TargetAdd.self, TargetList.self, TargetShow.self, TargetUpdate.self, TargetRemove.self,
            TargetPause.self, TargetResume.self, TargetEnable.self,
        ],
        defaultSubcommand: TargetList.self)
}

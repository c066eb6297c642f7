import ArgumentParser

struct PlansCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans",
        abstract: "Submit distribution plans and see how far they are.",
        discussion:
            "A plan is one request to distribute one version of one content item to targets; each target gets a job.",
        subcommands: [PlanSubmit.self, PlanList.self, PlanShow.self, PlanCancel.self, PlanRetry.self],
        defaultSubcommand: PlanList.self)
}

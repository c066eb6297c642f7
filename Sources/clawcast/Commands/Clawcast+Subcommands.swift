import ArgumentParser

extension Clawcast {
    static let subcommands: [any ParsableCommand.Type] = [
        RunCommand.self, DemoCommand.self, TargetsCommand.self, PlansCommand.self, JobsCommand.self,
        ReceiptsCommand.self, DeadCommand.self, TopologyCommand.self, VerifyCommand.self,
        DoctorCommand.self,
    ]
}

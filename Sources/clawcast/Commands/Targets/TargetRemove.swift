import ArgumentParser

struct TargetRemove: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a target; its jobs that have not ended are cancelled.",
        discussion: "Plans, jobs and receipts of the past stay in the ledger.")

    @Argument(help: "The target's id.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.delete, "/targets/\(id)")
        session.show(answer) { _ in "Removed target \(id).\n" }
    }
}

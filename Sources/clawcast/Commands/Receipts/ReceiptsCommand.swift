import ArgumentParser

struct ReceiptsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts",
        abstract: "See the proofs that targets accepted what they were sent.",
        subcommands: [ReceiptList.self],
        defaultSubcommand: ReceiptList.self)
}

import ArgumentParser

struct ReceiptList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the domain's receipts.")

    @OptionGroup var page: PageOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "/receipts", query: page.query)
        session.show(list: answer, of: "receipts") { ReceiptPresentation.table($0, in: session) }
    }
}

import ArgumentParser
import Distribution

struct DeadRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "See and call off replays and purges.",
        subcommands: [DeadRunList.self, DeadRunShow.self, DeadRunCancel.self], defaultSubcommand: DeadRunList.self)
}

/// Whether replays or purges are meant.
struct DeadRunKind: ParsableArguments {
    @Flag(help: "Purges instead of replays.") var purge = false

    var kind: DeadLetterRun.Kind { purge ? .purge : .replay }
    var path: String { "/dead-letters/\(kind.plural)" }
}

struct DeadRunList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the domain's replays.")

    @OptionGroup var which: DeadRunKind
    @OptionGroup var page: PageOptions
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, which.path, query: page.query)
        session.show(list: answer, of: which.kind.plural) { DeadPresentation.runs($0, which.kind, in: session) }
    }
}

struct DeadRunShow: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one replay by its id.")

    @Argument(help: "The replay's id.") var id: Int64
    @OptionGroup var which: DeadRunKind
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.get, "\(which.path)/\(id)")
        session.show(answer) { DeadPresentation.sheet(ofRun: $0, which.kind, in: session) }
    }
}

struct DeadRunCancel: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a replay before it is done; what it has sent again stays so.")

    @Argument(help: "The replay's id.") var id: Int64
    @OptionGroup var which: DeadRunKind
    @OptionGroup var client: ClientOptions

    func run(_ session: Session) async throws {
        let answer = try await session.api.call(.post, "\(which.path)/\(id)/cancel")
        session.show(answer) { DeadRun.sentence($0, which.kind) }
    }
}

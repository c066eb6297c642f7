import ArgumentParser
import Distribution

struct DeadReplay: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters again, with the bytes and delivery ids they had.",
        discussion: """
            Their jobs start their schedule anew. The service carries the replay out, also where this command is \
            interrupted or the service restarts; each letter is sent again once.

            EXAMPLES
              clawcast dead replay 31 32
              clawcast dead replay --target 12 --dry-run
              clawcast dead replay --code TIMEOUT --since 2h --rate 20
              clawcast dead replay --all --no-wait
            """)

    @OptionGroup var selection: DeadSelection
    @Option(help: "So many letters at most.") var limit: Int?
    @OptionGroup var client: ClientOptions

    func validate() throws {
        if let limit, !(1...Int(Int32.max)).contains(limit) {
            throw ValidationError("--limit must be a whole number from 1.")
        }
    }

    func run(_ session: Session) async throws {
        var body = selection.body(now: session.now)
        body["limit"] = limit.map { .integer($0) }
        let accepted = try await session.api.call(
            .post, "/dead-letters/replay", query: [("mode", selection.dryRun ? "dry_run" : nil)],
            body: .object(body), headers: selection.headers)
        if selection.dryRun {
            return session.show(accepted) { DeadRun.counted($0, .replay, "would be sent again") }
        }
        try await DeadRun(kind: .replay, session: session).follow(accepted, waits: !selection.noWait)
    }
}

import ArgumentParser
import Distribution
import Glibc

struct DeadPurge: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Forget dead letters for good.",
        discussion: """
            Their jobs stay failed, with their attempts; their bytes go, and they cannot be replayed any more. The copies \
            in the queues distribution.dead.* are left to the broker, which drops them after 14 days.

            EXAMPLES
              clawcast dead purge --before 7d --dry-run
              clawcast dead purge --target 12 --yes
            """)

    @OptionGroup var selection: DeadSelection
    @Flag(help: "Do it without being asked.") var yes = false
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard !yes, !selection.dryRun, isatty(STDIN_FILENO) == 0 else { return }
        throw ValidationError("Purging cannot be undone; add --yes to do it.")
    }

    func run(_ session: Session) async throws {
        let query = selection.query(now: session.now)
        if selection.dryRun || !yes {
            let counted = try await session.api.call(
                .delete, "/dead-letters", query: query + [("mode", "dry_run")])
            if selection.dryRun { return session.show(counted) { DeadRun.counted($0, .purge, "would be purged") } }
            guard Self.confirms(counted.data.integer("purged") ?? 0, in: session) else {
                throw CommandFailure("Nothing was purged.")
            }
        }
        let accepted = try await session.api.call(
            .delete, "/dead-letters", query: query, headers: selection.headers)
        try await DeadRun(kind: .purge, session: session).follow(accepted, waits: !selection.noWait)
    }

    private static func confirms(_ count: Int64, in session: Session) -> Bool {
        session.diagnostics.write("Purge \(count) dead letters for good? [y/N] ")
        return ["y", "yes"].contains(readLine()?.trimmed.lowercased())
    }
}

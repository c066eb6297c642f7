import ArgumentParser
import Distribution

struct DeadReplay: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters again, with the bytes and delivery ids they had.",
        discussion: """
            Their jobs start their schedule anew. With --json one document tells of all that was done.

            EXAMPLES
              clawcast dead replay 31 32
              clawcast dead replay --target 12 --dry-run
              clawcast dead replay --code TIMEOUT --since 2026-04-06T09:00:00Z
            """)

    /// Dead letters a call, so that progress can be shown.
    private static let step = 500

    @Argument(help: "The jobs' ids.") var ids: [Int64] = []
    @OptionGroup var filter: DeadFilter
    @OptionGroup var time: DeathTime
    @Flag(help: "Every dead letter of the domain.") var all = false
    @Flag(help: "Only count what would be sent again.") var dryRun = false
    @OptionGroup var client: ClientOptions

    func validate() throws {
        let ways = [!ids.isEmpty, !filter.isEmpty || !time.isEmpty, all]
        if ways.count(where: { $0 }) != 1 { throw ValidationError("Name jobs, or a filter, or --all.") }
    }

    func run(_ session: Session) async throws {
        let rehearsed = try await session.api.call(
            .post, "/dead-letters/replay", query: [("mode", "dry_run")], body: .object(selection))
        if dryRun { return session.show(rehearsed) { Self.sentence($0, verb: "would be sent again") } }
        let total = rehearsed.data.integer("replayed") ?? 0
        var progress = ProgressLine(on: session.diagnostics)
        defer { progress.finish() }
        var body = selection
        body["limit"] = .integer(Int64(Self.step))
        var (replayed, skipped) = (Int64(0), Int64(0))
        while true {
            let answer = try await session.api.call(.post, "/dead-letters/replay", body: .object(body))
            replayed += answer.data.integer("replayed") ?? 0
            skipped += answer.data.integer("skipped") ?? 0
            guard let cursor = answer.meta.text("nextCursor") else { break }
            body["cursor"] = .string(cursor)
            if !session.wantsJSON { progress.show("Sent \(replayed) of \(total) dead letters again.") }
        }
        progress.finish()
        let sum: JSON = .object(["replayed": .integer(replayed), "skipped": .integer(skipped)])
        if session.wantsJSON {
            session.output.write(bytes: JSON.object(["data": sum]).serialized() + [0x0A])
        } else {
            session.output.write(Self.sentence(sum, verb: "are on their way again"))
        }
    }

    private var selection: JSONObject {
        guard ids.isEmpty else { return ["jobIds": .array(ids.map { .integer($0) })] }
        guard !all else { return ["all": .bool(true)] }
        var body = filter.body
        for member in time.body.members { body[member.name] = member.value }
        return body
    }

    private static func sentence(_ counts: JSON, verb: String) -> String {
        let skipped = counts.integer("skipped") ?? 0
        let rest = skipped == 0 ? "" : " \(skipped) cannot be sent again."
        return "\(counts.integer("replayed") ?? 0) dead letters \(verb).\(rest)\n"
    }
}

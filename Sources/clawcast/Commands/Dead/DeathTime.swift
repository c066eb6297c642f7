import ArgumentParser
import Distribution

/// When the dead letters that are meant have died.
struct DeathTime: ParsableArguments {
    @Option(
        help: "Only those that died at this time or after it, such as 2026-04-06T09:00:00Z or 2h for two hours ago.")
    var since: String?

    @Option(help: "Only those that died before this time; 7d means those that have been dead for a week.")
    var before: String?

    var isEmpty: Bool { since == nil && before == nil }

    func validate() throws {
        for (name, text) in [("--since", since), ("--before", before)] {
            guard let text, Self.moment(text, now: Timestamp(milliseconds: 0)) == nil else { continue }
            throw ValidationError(
                "\(name) must be an ISO 8601 date and time with a zone, as 2026-04-06T09:00:00Z, or an age such as 90m, "
                    + "2h or 7d.")
        }
    }

    /// As members of a request's body.
    func body(now: Timestamp) -> JSONObject {
        var object: JSONObject = [:]
        object["diedFrom"] = since.flatMap { Self.moment($0, now: now) }.map { .string($0.iso8601) }
        object["diedBefore"] = before.flatMap { Self.moment($0, now: now) }.map { .string($0.iso8601) }
        return object
    }

    /// As a request's query.
    func query(now: Timestamp) -> [(String, String?)] {
        body(now: now).members.map { ($0.name, $0.value.stringValue) }
    }

    /// A time, or what was so long ago.
    static func moment(_ text: String, now: Timestamp) -> Timestamp? {
        if let moment = Timestamp(iso8601: text) { return moment }
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), text.utf8.count <= 7,
            let count = Int64(text.dropLast()), count > 0
        else { return nil }
        return now.adding(milliseconds: -count * unit)
    }
}

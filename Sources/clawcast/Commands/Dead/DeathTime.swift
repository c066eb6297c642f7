import ArgumentParser
import Distribution

/// When the dead letters that are meant have died.
struct DeathTime: ParsableArguments {
    @Option(help: "Only those that died at this time or after it, such as 2026-04-06T09:00:00Z.")
    var since: String?

    @Option(help: "Only those that died before this time.") var before: String?

    var isEmpty: Bool { since == nil && before == nil }

    func validate() throws {
        for (name, text) in [("--since", since), ("--before", before)] {
            guard let text, Timestamp(iso8601: text) == nil else { continue }
            throw ValidationError("\(name) must be an ISO 8601 date and time with a zone, as 2026-04-06T09:00:00Z.")
        }
    }

    /// As members of a request's body.
    var body: JSONObject {
        var object: JSONObject = [:]
        if let since { object["diedFrom"] = .string(since) }
        if let before { object["diedBefore"] = .string(before) }
        return object
    }
}

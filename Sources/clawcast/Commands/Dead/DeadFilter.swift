import ArgumentParser
import Distribution

/// Which dead letters are meant.
struct DeadFilter: ParsableArguments {
    @Option(help: "Only those of this plan.") var plan: Int64?
    @Option(help: "Only those of this target.") var target: Int64?
    @Option(help: "Only those of this channel, such as webhook.") var channel: String?
    @Option(help: "Only those that failed with this code, such as HTTP_STATUS.") var code: String?

    var isEmpty: Bool { plan == nil && target == nil && channel == nil && code == nil }

    var query: [(String, String?)] {
        [
            ("planId", plan.map { "\($0)" }), ("targetId", target.map { "\($0)" }), ("channelType", channel),
            ("errorCode", code),
        ]
    }

    /// The same as a request's body.
    var body: JSONObject {
        var object: JSONObject = [:]
        if let plan { object["planId"] = .integer(plan) }
        if let target { object["targetId"] = .integer(target) }
        if let channel { object["channelType"] = .string(channel) }
        if let code { object["errorCode"] = .string(code) }
        return object
    }
}

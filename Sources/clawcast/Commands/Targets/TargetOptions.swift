import ArgumentParser
import Distribution

/// What may be set about a target, new or not.
struct TargetOptions: ParsableArguments {
    @Option(help: "Address that a webhook or partner target is called at.")
    var url: String?

    @Option(help: "The channel's configuration, as a JSON object or @file; --url is put into it.")
    var config: String?

    @Option(help: "Seconds between attempts, such as 5,300,1800: three delays make four attempts.")
    var retry: String?

    @Option(help: "Attempts of this target that may be under way at once, 1 to 1000.")
    var maxInFlight: Int?

    @Option(
        help:
            "Attempts a second, and at once after a rest where a second number is given: 5 or 5,10; none for no limit.")
    var rateLimit: String?

    @OptionGroup var secret: SecretSource

    func validate() throws {
        if let maxInFlight, !(1...1000).contains(maxInFlight) {
            throw ValidationError("--max-in-flight must be a number from 1 to 1000.")
        }
        if let rateLimit, Self.limit(rateLimit) == nil {
            throw ValidationError("--rate-limit must be attempts a second, such as 5, or with a burst 5,10, or none.")
        }
        if let retry, Self.delays(retry) == nil {
            throw ValidationError("--retry must be a comma-separated list of seconds, such as 0.5,5,300.")
        }
    }

    /// The configuration to send, based on the one that the target has.
    func configuration(over present: JSONObject = [:]) throws -> JSONObject? {
        guard url != nil || config != nil else { return nil }
        var object = try config.map { try DocumentArgument.object($0, option: "--config") } ?? present
        if let url { object["url"] = .string(url) }
        return object
    }

    /// Puts what was given into a request.
    func fill(_ body: inout JSONObject) throws {
        if let retry, let delays = Self.delays(retry) {
            body["retry"] = .object(["scheduleSeconds": .array(delays)])
        }
        if let maxInFlight { body["maxInFlight"] = .integer(maxInFlight) }
        if let rateLimit { body["rateLimit"] = Self.limit(rateLimit) }
        if let secret = try secret.read() {
            body["credentials"] = .object(["secret": .string(secret.reveal())])
        }
    }

    /// As the API takes it; nil where it is not to be understood.
    private static func limit(_ text: String) -> JSON? {
        guard text != "none" else { return .null }
        guard let numbers = delays(text), let perSecond = numbers.first, numbers.count <= 2 else { return nil }
        var limit: JSONObject = ["perSecond": perSecond]
        if numbers.count == 2 { limit["burst"] = numbers[1] }
        return .object(limit)
    }

    /// Numbers as they were written; nil where one is none.
    private static func delays(_ text: String) -> [JSON]? {
        let delays = text.split(separator: ",", omittingEmptySubsequences: false).map { part -> JSON? in
            let literal = String(part).trimmed
            guard let value = try? JSON.parse(literal), let seconds = value.doubleValue, seconds >= 0 else {
                return nil
            }
            return value
        }
        return delays.contains(nil) ? nil : delays.compactMap(\.self)
    }
}

import ArgumentParser
import Distribution

/// The dead letters that a run is to take, and how it is to go about it.
struct DeadSelection: ParsableArguments {
    @Argument(help: "The jobs' ids.") var ids: [Int64] = []
    @OptionGroup var filter: DeadFilter
    @OptionGroup var time: DeathTime
    @Flag(help: "Every dead letter of the domain.") var all = false
    @Flag(help: "Only count what would be done.") var dryRun = false
    @Option(help: "Letters a second, at most.") var rate: Int?
    @Option(help: "The key under which a repeated request is the same run.") var idempotencyKey: String?
    @Flag(help: "Return once the run is accepted; it goes on in the service.") var noWait = false

    func validate() throws {
        let ways = [!ids.isEmpty, !filter.isEmpty || !time.isEmpty, all]
        if ways.count(where: { $0 }) != 1 { throw ValidationError("Name jobs, or a filter, or --all.") }
        if let rate, !DeadLetterRun.rates.contains(rate) {
            throw ValidationError(
                "--rate must be a number from \(DeadLetterRun.rates.lowerBound) to \(DeadLetterRun.rates.upperBound).")
        }
    }

    /// As a request's body.
    func body(now: Timestamp) -> JSONObject {
        var body = selection(now: now)
        body["ratePerSecond"] = rate.map { .integer($0) }
        return body
    }

    /// As a request's query.
    func query(now: Timestamp) -> [(String, String?)] {
        let words = selection(now: now).members.map { member -> (String, String?) in
            switch member.value {
            case .array(let ids):
                (member.name, ids.compactMap { $0.integerValue.map(String.init) }.joined(separator: ","))
            case .string(let text): (member.name, text)
            case let value: (member.name, value.compactText)
            }
        }
        return words + [("ratePerSecond", rate.map(String.init))]
    }

    var headers: [(String, String)] { idempotencyKey.map { [("idempotency-key", $0)] } ?? [] }

    private func selection(now: Timestamp) -> JSONObject {
        guard ids.isEmpty else { return ["jobIds": .array(ids.map { .integer($0) })] }
        guard !all else { return ["all": .bool(true)] }
        var body = filter.body
        for member in time.body(now: now).members { body[member.name] = member.value }
        return body
    }
}

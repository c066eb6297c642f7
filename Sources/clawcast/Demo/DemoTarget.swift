import Distribution
import LocalReceiver

/// A target of the demo: how it behaves, and what has to become of its job.
struct DemoTarget: Sendable {
    let name: String
    /// What a person should expect to see.
    let promise: String
    /// Where it listens, as a path of the demo's receiver or a whole URL.
    let address: String
    let behaviour: Behaviour?
    /// Seconds between attempts, as JSON numbers.
    let delays: [String]
    let outcome: Outcome

    struct Outcome: Sendable, Equatable {
        let status: String
        let attempts: Int64
        /// The code of the last error.
        let code: String?
    }

    /// The targets of the first plan.
    static let licensed: [DemoTarget] = [
        DemoTarget(
            name: "shop", promise: "accepts at once", address: "/shop", behaviour: .accept, delays: ["0.5"],
            outcome: Outcome(status: "succeeded", attempts: 1, code: nil)),
        DemoTarget(
            name: "erp", promise: "is down twice, then accepts", address: "/erp",
            behaviour: .failFirst(2, status: 503), delays: ["0.5", "1"],
            outcome: Outcome(status: "succeeded", attempts: 3, code: nil)),
        DemoTarget(
            name: "legacy", promise: "fails for good, so it becomes a dead letter", address: "/legacy",
            behaviour: .status(500, body: "out of order"), delays: ["0.5"],
            outcome: Outcome(status: "failed", attempts: 2, code: "HTTP_STATUS")),
        DemoTarget(
            name: "intranet", promise: "is a private address, so nothing is sent there",
            address: "https://10.20.30.40/hooks", behaviour: nil, delays: ["0.5"],
            outcome: Outcome(status: "failed", attempts: 1, code: "EGRESS_REFUSED")),
    ]

    /// The target of the second plan, whose licence does not cover its channel.
    static let unlicensed = DemoTarget(
        name: "archive", promise: "is not covered by the licence, so nothing is sent", address: "/archive",
        behaviour: .accept, delays: ["0.5"],
        outcome: Outcome(status: "blocked", attempts: 0, code: "POLICY_CHANNEL_DENIED"))

    static let all = licensed + [unlicensed]

    /// The request that makes it.
    func request(on stage: DemoStage) -> JSON {
        let url = address.hasPrefix("/") ? stage.receiver.url(address) : address
        return .object([
            "name": .string(name), "channelType": "webhook", "config": .object(["url": .string(url)]),
            "credentials": .object(["secret": .string(stage.secret.reveal())]),
            "retry": .object(["scheduleSeconds": .array(delays.map { .number($0) })]),
        ])
    }
}

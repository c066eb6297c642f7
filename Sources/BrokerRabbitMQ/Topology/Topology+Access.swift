internal import AMQP

extension Topology {
    /// What an operator may tune, and shields for what nobody may.
    ///
    /// Dead letters are kept for 14 days and 1 GiB a queue, events to 1,000,000 a queue; the oldest go first.
    package var policies: [PolicyDescription] {
        let name = namespace.rawValue
        return [
            PolicyDescription(
                name: "\(name)-dead-retention", pattern: "^\(name)\\.dead\\.", priority: 10,
                definition: ["message-ttl": 1_209_600_000, "max-length-bytes": .int32(Self.gibibyte)]),
            PolicyDescription(
                name: "\(name)-events-cap", pattern: "^\(name)\\.events\\.", priority: 10,
                definition: ["max-length": 1_000_000]),
            PolicyDescription(
                name: "\(name)-delay-shield", pattern: "^\(name)\\.delay\\.", priority: 100,
                definition: ["overflow": "reject-publish"]),
            PolicyDescription(
                name: "\(name)-jobs-shield", pattern: "^\(name)\\.(plans$|orphans$|jobs\\.)", priority: 100,
                definition: ["delivery-limit": 1_000_000]),
        ]
    }

    /// Logins with the least that each needs. In another namespace than the standard one their names begin with it,
    /// because users belong to the whole broker.
    package var users: [UserDescription] {
        let name = namespace.rawValue
        let prefix = namespace == .standard ? "" : "\(name)-"
        let nothing = "^$"
        return [
            UserDescription(
                name: "\(prefix)clawcast", tags: [], configure: "^\(name)\\..+$",
                write: "^(\(name)\\..+|amq\\.default)$", read: "^\(name)\\..+$"),
            UserDescription(
                name: "\(prefix)wordclaw", tags: [], configure: nothing, write: "^\(name)\\.plans$", read: nothing),
            UserDescription(
                name: "\(prefix)wordclaw-receipts", tags: [], configure: nothing, write: nothing,
                read: "^\(name)\\.events\\.wordclaw$"),
            UserDescription(
                name: "\(prefix)operator", tags: ["management"], configure: nothing, write: nothing,
                read: "^\(name)\\.(dead\\..+|unrouted)$"),
        ]
    }
}

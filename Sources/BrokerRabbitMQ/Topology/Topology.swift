package import AMQP
package import Distribution

/// Everything that stands at the broker as long as an installation lives, as plain values.
///
/// The code declares exchanges, queues and bindings on every connection; policies and users cannot be declared over
/// AMQP and come from `topology/definitions.json`, which is written from the same values.
///
/// What a guarantee rests on is an argument, which nobody can change: queue type, delivery limit, the whole of the
/// delay ladder, alternate exchanges, the bound of the unrouted. What an operator may tune is a policy: how much of dead
/// letters and events is kept. Policies win over arguments in places (`overflow`) and only one applies to a queue, so two more
/// policies of high priority shield the ladder and the job queues from a careless catch-all.
package struct Topology: Sendable {
    package let namespace: BrokerNamespace
    package let channels: [ChannelType]
    package let ladder: DelayLadder
    package let names: ObjectNames

    /// - Parameter channels: The installed channels; each gets a queue of dead letters.
    package init(
        namespace: BrokerNamespace = .standard, channels: [ChannelType] = [.webhook, .feed, .partner],
        ladder: DelayLadder = .standard
    ) {
        self.namespace = namespace
        self.channels = Set(channels).sorted()
        self.ladder = ladder
        names = ObjectNames(namespace: namespace, levels: ladder.levels)
    }

    /// In the order of declaration: an alternate exchange comes before the one that names it.
    package var exchanges: [ExchangeDescription] {
        let unrouted: FieldTable = ["alternate-exchange": .string(names.unrouted)]
        let orphans: FieldTable = ["alternate-exchange": .string(names.orphans)]
        return [
            ExchangeDescription(name: names.unrouted, kind: .fanout, arguments: [:]),
            ExchangeDescription(name: names.orphans, kind: .fanout, arguments: [:]),
            ExchangeDescription(name: names.plans, kind: .topic, arguments: unrouted),
            ExchangeDescription(name: names.jobs, kind: .direct, arguments: orphans),
            ExchangeDescription(name: names.dead, kind: .topic, arguments: unrouted),
            ExchangeDescription(name: names.events, kind: .topic, arguments: [:]),
        ] + names.delays.map { ExchangeDescription(name: $0, kind: .headers, arguments: [:]) }
    }

    package var queues: [QueueDescription] {
        let plain = Self.quorumArguments
        var unrouted = plain
        unrouted["x-max-length-bytes"] = .int32(Self.gibibyte)
        let open = [names.orphans, names.plans, names.deadPlans] + channels.map(names.dead) + [names.eventsForWordClaw]
        return [QueueDescription(name: names.unrouted, arguments: unrouted)]
            + open.map { QueueDescription(name: $0, arguments: plain) }
            + (0..<ladder.levels).map { QueueDescription(name: names.delays[$0], arguments: delayArguments($0)) }
    }

    package var bindings: [BindingDescription] {
        func bind(_ source: String, _ queue: String, _ routingKey: String) -> BindingDescription {
            BindingDescription(source: source, destination: .queue(queue), routingKey: routingKey, arguments: [:])
        }
        return [
            bind(names.unrouted, names.unrouted, ""),
            bind(names.orphans, names.orphans, ""),
            bind(names.plans, names.plans, "#"),
            bind(names.dead, names.deadPlans, "plan.#"),
            bind(names.events, names.eventsForWordClaw, "#"),
        ] + channels.map { bind(names.dead, names.dead(of: $0), "\($0.rawValue).*") }
            + (0..<ladder.levels).flatMap(delayBindings)
    }

    /// The arguments of a target's queue.
    package static func arguments(of type: QueueType) -> FieldTable {
        switch type {
        case .quorum: quorumArguments
        case .classic: ["x-queue-type": "classic"]
        }
    }

    /// Quorum, and a limit on redeliveries that is out of reach: RabbitMQ 4 would drop after 20, 3.10 puts what is
    /// given back at the tail without one.
    static let quorumArguments: FieldTable = ["x-queue-type": "quorum", "x-delivery-limit": 1_000_000]
    static let gibibyte: Int32 = 1 << 30

    /// Where level k hands on what it has held: the level below, in the end the jobs.
    func exchangeBelow(_ level: Int) -> String {
        level == 0 ? names.jobs : names.delays[level - 1]
    }

    private func delayArguments(_ level: Int) -> FieldTable {
        var arguments = Self.quorumArguments
        arguments["x-message-ttl"] = FieldValue(integerLiteral: ladder.holdMilliseconds(atLevel: level))
        arguments["x-dead-letter-exchange"] = .string(exchangeBelow(level))
        arguments["x-dead-letter-strategy"] = "at-least-once"
        arguments["x-overflow"] = "reject-publish"
        return arguments
    }

    private func delayBindings(_ level: Int) -> [BindingDescription] {
        func match(_ value: FieldValue) -> FieldTable {
            ["x-match": "all", DelayLap.headerNames[level]: value]
        }
        return [
            BindingDescription(
                source: names.delays[level], destination: .queue(names.delays[level]), routingKey: "",
                arguments: match(DelayLap.wait)),
            BindingDescription(
                source: names.delays[level], destination: .exchange(exchangeBelow(level)), routingKey: "",
                arguments: match(DelayLap.pass)),
        ]
    }
}

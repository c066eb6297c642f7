package import AMQP
package import Distribution

extension BrokerCensus {
    /// Looks into every queue of a namespace without changing anything.
    ///
    /// - Parameter targets: Whose queues are looked into.
    /// - Throws: `AMQPError`, but for queues that do not exist.
    package init(
        of targets: [TargetQueue], _ topology: Topology, over connection: Connection
    ) async throws {
        self.init()
        let names = topology.names
        let depths = try await Self.look(
            into: topology.queues.map(\.name) + targets.map(names.jobs), over: connection)
        for target in targets { self.targets[target.targetID] = depths[names.jobs(of: target)] }
        ladder = names.delays.compactMap { depths[$0]?.ready }.reduce(0, +)
        deadLetters = topology.channels.compactMap { depths[names.dead(of: $0)]?.ready }.reduce(0, +)
        plans = depths[names.plans] ?? QueueDepth()
        orphans = depths[names.orphans] ?? QueueDepth()
        unrouted = depths[names.unrouted] ?? QueueDepth()
        deadPlans = depths[names.deadPlans] ?? QueueDepth()
        events = depths[names.eventsForWordClaw] ?? QueueDepth()
    }

    /// How much is in queues, by name, but for those that do not exist.
    ///
    /// The broker closes the channel with every queue that does not exist; the next ones are asked for on another.
    static func look(into names: [String], over connection: Connection) async throws -> [String: QueueDepth] {
        var depths: [String: QueueDepth] = [:]
        var rest = names[...]
        while !rest.isEmpty {
            let batch = rest
            let (found, count) = try await connection.withChannel { channel in
                var found: [String: QueueDepth] = [:]
                for (index, name) in batch.enumerated() {
                    do {
                        let info = try await channel.declareQueue(name: name, passive: true)
                        found[name] = QueueDepth(ready: info.messageCount, consumers: info.consumerCount)
                    } catch let error as AMQPError where error.isNotFound {
                        return (found, index + 1)
                    }
                }
                return (found, batch.count)
            }
            depths.merge(found) { $1 }
            rest = rest.dropFirst(count)
        }
        return depths
    }
}

internal import Distribution

/// What is lost with a queue that nobody here consumes.
extension Topology {
    /// The queues without a consumer here, which would notice what befalls them.
    var queuesOnlyPublishedTo: [QueueDescription] {
        queues.filter { $0.name != names.plans && $0.name != names.orphans }
    }

    /// Whether the ledger knows all that may be in it.
    func isKnownToLedger(_ queue: String) -> Bool {
        isRung(queue) || channel(ofDeadLettersIn: queue) != nil
    }

    /// Whether it is a level of the delay ladder.
    func isRung(_ queue: String) -> Bool {
        names.delays.contains(queue)
    }

    /// The channel whose dead letters a queue shows; nil for any other queue.
    func channel(ofDeadLettersIn queue: String) -> ChannelType? {
        channels.first { names.dead(of: $0) == queue }
    }
}

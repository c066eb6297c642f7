internal import AMQP
internal import Distribution
internal import Logging

extension TargetConsumers {
    /// How long the broker may take to say that the consumer of a queue that is gone is cancelled.
    private static let cancellationPatience = Duration.seconds(2)

    /// Returns once the broker has forgotten the consumer of a queue that is missing, so that it can be declared anew.
    ///
    /// Where it is declared anew sooner, RabbitMQ, which may hear of the end of the old queue later, finds the new one,
    /// consumes that on its own account under the old tag, and drops whatever it is sent from there: nobody would hear
    /// of it, and the messages would stay with that consumer for as long as its channel lives. So its word is awaited,
    /// and where it does not come, the channel is closed.
    func partFromConsumer(of name: String) async throws {
        guard let tag = consumerTag(of: name) else { return }
        let deadline = ContinuousClock.now + Self.cancellationPatience
        while connection.isOpen, ContinuousClock.now < deadline {
            guard consumerTag(of: name) == tag else { return }
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
        guard connection.isOpen, let entry = withDirectory({ $0.entries[name] }), entry.consumerTag == tag else {
            return
        }
        logger.warning(
            """
            a target's queue is missing, and the broker has not said that its consumer is cancelled; the channel is \
            opened anew
            """,
            metadata: ["queue": "\(name)"])
        abandon(entry, tag) { $0.bereave($1) }
    }

    /// Has a queue consumed anew whose consumer the broker may have forgotten, or kept for itself.
    func reopen(_ queue: TargetQueue) async {
        let name = topology.names.jobs(of: queue)
        await gate.run(name) {
            guard connection.isOpen, let entry = withDirectory({ $0.entries[name] }), let tag = entry.consumerTag
            else { return }
            abandon(entry, tag) { _, _ in }
        }
    }

    /// Forgets a consumer that nothing is heard of, and has it restored. The broker may still have it: it ends with its
    /// channel, and what it holds goes back to the queue.
    private func abandon(
        _ entry: TargetDirectory.Entry, _ tag: String, _ note: (inout TargetDirectory, String) -> Void
    ) {
        let group = group(at: entry.group)
        group.forget(consumerTag: tag)
        group.renewChannel()
        lost(tag, note)
    }

    private func consumerTag(of name: String) -> String? {
        withDirectory { $0.entries[name]?.consumerTag }
    }
}

import LocalBroker

extension PrivateBroker {
    /// Has the node write down which queues it has.
    ///
    /// By itself it does so half a second after the last one was declared. One that a crash meets before is never led
    /// again (RabbitMQ 3.10); Clawcast makes the queue of a target anew then, and leaves any other to its operator.
    func rememberQueues() async throws {
        try await rabbitmqctl(["eval", "[dets:sync(Table) || Table <- dets:all()]."])
    }
}

/// Something that befell a consumer group without a call to blame for it.
package enum ConsumerEvent: Sendable, Equatable {
    /// The broker ended the consumer: its queue was deleted or its node left. It is no longer remembered; declare and
    /// add it again.
    case cancelledByBroker(consumerTag: String)
    /// The consumer could not be restored after a reopening, usually because its queue is missing, or because the
    /// broker did not answer (`unanswered`), or the group was told to leave it to its owner (`notConnected`). It is no
    /// longer remembered; declare and add it again.
    case failed(consumerTag: String, error: AMQPError)
    /// The channel was opened anew and its consumers restored: everything unacked from before will be delivered
    /// again, and settlements of it are dropped.
    case channelReopened
}

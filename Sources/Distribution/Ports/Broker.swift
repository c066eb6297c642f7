/// The queues between Clawcast and the rest, in the domain's words.
///
/// Every `publish` returns one ``Publication`` a message, in order, once the broker has confirmed or refused them all
/// or the connection is gone; it never throws and never waits for a connection to come back. What was not confirmed
/// stays owed in the ledger and is published again.
package protocol Broker: Sendable {
    /// Whether messages can be published and consumed now; each call is a subscription of its own, current value first.
    func health() -> AsyncStream<BrokerHealth>

    // In
    /// Plan messages in batches as they came off the socket; unsettled ones are bounded by the prefetch.
    var planMessages: AsyncStream<[IncomingPlanMessage]> { get }
    /// Job messages of every open target queue, in batches.
    var jobMessages: AsyncStream<[IncomingJobMessage]> { get }
    /// Job messages that found no queue.
    var orphanedJobs: AsyncStream<[IncomingJobMessage]> { get }

    // Out
    func publish(jobs: [OutgoingJob]) async -> [Publication]
    func publish(deadLetters: [DeadLetter]) async -> [Publication]
    /// - Parameter whenSent: Called once they are on their way: what is published after that arrives behind them, unless
    ///   they fail. Never called where they cannot be sent.
    func publish(events: [OutgoingEvent], whenSent: @escaping @Sendable () -> Void) async -> [Publication]
    /// Moves a plan message that cannot be accepted to the dead plans, its content replaced by size and digest.
    func publish(refusedPlan: RefusedPlanMessage) async -> Publication
    /// Moves a job message that does not match its ledger row to the dead letters, never to be attempted.
    func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Publication
    /// Answers a direct reply-to address; lost where the asker is gone.
    func reply(_ reply: PlanReply) async

    // Target queues
    /// Declares and binds the queue of a target and consumes it; repeating it is harmless, and binds it again.
    ///
    /// - Parameter prefetch: Messages in hand and unsettled at most, 1 to 1,000.
    @discardableResult
    func open(_ queue: TargetQueue, prefetch: Int) async throws(BrokerError) -> QueueOpening
    /// Declares and binds the queue of a target without consuming it, so that its jobs find it; repeating it is harmless.
    func declare(_ queue: TargetQueue) async throws(BrokerError) -> QueueOpening
    /// Has an open queue consumed anew, on another channel: whatever its consumer may have been sent and never had comes
    /// again, and so may what others on that channel have in hand. Nothing happens where it is not consumed.
    ///
    /// RabbitMQ 3.10 goes on consuming by itself where somebody deletes a quorum queue and declares it again before it has
    /// told the consumer; what it sends from then on goes nowhere.
    func reopen(_ queue: TargetQueue) async
    /// Stops consuming; messages in hand stay settleable, the queue stays.
    func close(_ queue: TargetQueue) async
    /// Deletes the queue where it is empty and unused.
    func remove(_ queue: TargetQueue) async throws(BrokerError)
    /// Looks how many messages wait in the queue of a target; nil where there is no such queue.
    ///
    /// A queue that the broker cannot use at the moment may read empty and without a consumer.
    func depth(of queue: TargetQueue) async throws(BrokerError) -> QueueDepth?
    /// Looks how much waits in these targets' queues and in all others; changes nothing.
    func census(of targets: [TargetQueue]) async throws(BrokerError) -> BrokerCensus
    /// Open queues that somebody has deleted and that are declared anew, and those that are deleted and declared anew
    /// because the broker cannot use them any more: what it had confirmed into them is lost and must be handed out again.
    ///
    /// A queue that is deleted here is named before, so that nobody forgets it who ends in between, and again once it is
    /// declared. For one reader.
    var renewedQueues: AsyncStream<TargetQueue> { get }
    /// Open queues that have lost their consumer and that the broker now refuses, as where somebody has declared them
    /// otherwise: they are closed, and to be opened again. For one reader.
    var refusedQueues: AsyncStream<TargetQueue> { get }

    /// Channels whose queue of dead letters was gone and is declared anew: what it had shown is lost, and so is what was
    /// published since. For one reader.
    var renewedDeadLetterQueues: AsyncStream<ChannelType> { get }

    /// Stops all consumption and ends the three streams after what is buffered; publishing goes on.
    func stopConsuming() async
}

extension Broker {
    package func publish(events: [OutgoingEvent]) async -> [Publication] {
        await publish(events: events) {}
    }
}

package enum BrokerHealth: Sendable, Hashable {
    /// `generation` grows with every new connection.
    case connected(generation: Int)
    /// Publishing does not go on, consuming does. Without a remediation the broker holds publishers back (memory or disk
    /// alarm); with one, which says what an operator can do, a queue does not take what is published to it.
    case blocked(reason: String, remediation: String? = nil)
    /// `remediation` is what an operator can do, in a sentence.
    case disconnected(reason: String, remediation: String? = nil)
}

/// What was found where a queue was to be opened.
package enum QueueOpening: Sendable, Hashable {
    case found
    /// It did not exist, or somebody else had declared it otherwise before: what the broker had confirmed into it is lost.
    case declared
}

/// What became of one published message.
package enum Publication: Sendable, Hashable {
    case confirmed
    /// No queue took it; where an alternate exchange exists it was taken there and counts as confirmed instead.
    case unroutable
    /// Refused or lost with its connection: it may or may not be in the queue; publish it again.
    case failed
}

package struct BrokerError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case unavailable
        /// The object exists with other properties, or access is denied; only an operator can mend it.
        case refused
    }

    package let kind: Kind
    package let message: String
    /// What an operator can do about it, in a sentence.
    package let remediation: String?

    package init(kind: Kind, message: String, remediation: String? = nil) {
        self.kind = kind
        self.message = message
        self.remediation = remediation
    }

    package var description: String { message }
}

/// Where a job waits.
package struct TargetQueue: Sendable, Hashable {
    package let targetID: TargetID
    package let channelType: ChannelType
    package let type: QueueType

    package init(targetID: TargetID, channelType: ChannelType, type: QueueType) {
        self.targetID = targetID
        self.channelType = channelType
        self.type = type
    }
}

/// Settles one consumed message; the first call counts, and one for a message whose channel is gone is dropped (the
/// broker delivers it again).
package protocol MessageSettlement: Sendable {
    /// The message is taken over: it leaves the queue.
    func acknowledge()
    /// The message goes back to its queue.
    func giveBack()
}

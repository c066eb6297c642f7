package import Distribution

extension InMemoryBroker {
    // MARK: Publishers

    /// Publishes a plan message.
    ///
    /// - Returns: The number under which its settlement is recorded.
    @discardableResult
    package func send(_ message: InMemoryPlanMessage) -> Int {
        change { $0.record.queues.add(message) }
    }

    /// Puts a job message into its queue behind Clawcast's back, as a copy of one that is under way.
    package func inject(_ job: OutgoingJob) {
        let now = time.now()
        change { $0.record.queues.add(job, now: now) }
    }

    /// Puts a message without sense into a queue that exists.
    package func inject(malformed error: DeliveryError, into queue: TargetQueue) {
        change { $0.record.queues.add(malformed: error, to: queue) }
    }

    /// Moves a dead letter to a target without a queue, as an operator does.
    package func inject(deadLetterOrphan job: OutgoingJob) {
        change { $0.record.queues.add(deadLetterOrphan: job) }
    }

    package func inject(malformedOrphan error: DeliveryError) {
        change { $0.record.queues.add(malformedOrphan: error) }
    }

    /// Moves the clock on and hands out the jobs that have become due.
    package func advance(by milliseconds: Int64) {
        time.advance(by: milliseconds)
        change { _ in }
    }

    // MARK: Faults

    /// Answers the next messages of one sort so, one answer a message; then all are confirmed again.
    package func answerNext(_ sort: Sort, _ answers: Answer...) {
        change { $0.answers[sort, default: []] += answers }
    }

    /// Has the confirms of events wait until ``releaseEventConfirms()``.
    package func holdEventConfirms() {
        change { $0.record.areEventConfirmsHeld = true }
    }

    package func releaseEventConfirms() {
        change { $0.record.areEventConfirmsHeld = false }
    }

    /// Refuses to open the queues of these targets until told otherwise.
    package func refuseQueues(of targets: Set<TargetID>) {
        change { $0.refusedTargets = targets }
    }

    /// Loses a queue with all that is ready in it, as a broker that was reset.
    package func lose(_ queue: TargetQueue) {
        change { $0.record.queues.lose(queue) }
    }

    /// Loses all that is ready in a queue, as when an operator purges it.
    package func purge(_ queue: TargetQueue) {
        change { $0.record.queues.empty(queue) }
    }

    /// Has what is ready in a queue, and what comes to it, wait for good although it is consumed, until its consumer is
    /// made anew.
    package func deafen(_ queue: TargetQueue) {
        change { $0.record.queues.deafen(queue) }
    }

    /// Deletes a queue with all that is ready in it and declares it anew, as happens to one that has lost its leader.
    package func renew(_ queue: TargetQueue) {
        change { $0.record.queues.empty(queue) }
        renewals.yield(queue)
    }

    /// Has the queue of a channel's dead letters deleted and declared anew: nobody sees what was published to it.
    package func renewDeadLetters(of channel: ChannelType) {
        change { $0.record.deadLetters.removeAll { $0.claim.channelType == channel } }
        unshown.yield(channel)
    }

    /// Has somebody else declare an open queue otherwise: it is lost with all that is ready in it, and refused until
    /// ``refuseQueues(of:)`` says otherwise.
    package func usurp(_ queue: TargetQueue) {
        change { state in
            state.record.queues.lose(queue)
            state.refusedTargets.insert(queue.targetID)
        }
        refusals.yield(queue)
    }

    /// Cuts the connection: what is in hand goes back, and what is settled late is dropped.
    package func disconnect(_ reason: String = "connection reset") {
        change { state in
            state.record.queues.giveAllBack()
            state.tell(.disconnected(reason: reason))
        }
    }

    package func connect() {
        change { state in
            state.generation += 1
            state.tell(.connected(generation: state.generation))
        }
    }

    /// Ends the process that talks to the broker: what it had in hand is back in the queues of the broker that is
    /// returned, which nobody consumes yet; this one stays disconnected.
    package func crash() -> InMemoryBroker {
        disconnect("the process has ended")
        let record = change { state in
            state.isConsuming = false
            state.record.queues.closeAll()
            return state.record
        }
        return InMemoryBroker(time: time, record)
    }

    /// Holds publishers back until ``unblock()``, ``disconnect(_:)`` or ``connect()``.
    package func block(_ reason: String = "low on memory") {
        change { $0.tell(.blocked(reason: reason)) }
    }

    package func unblock() {
        change { $0.tell(.connected(generation: $0.generation)) }
    }
}

extension InMemoryBroker.State {
    fileprivate mutating func tell(_ health: BrokerHealth) {
        self.health = health
        healthWatchers.removeAll { watcher in
            if case .terminated = watcher.yield(health) { true } else { false }
        }
    }
}

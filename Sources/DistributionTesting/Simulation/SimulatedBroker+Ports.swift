package import Distribution

extension SimulatedBroker: Broker {
    package func health() -> AsyncStream<BrokerHealth> { watch() }

    // MARK: Out

    package func publish(jobs: [OutgoingJob]) async -> [Publication] {
        await transmit(jobs) { $0.take($1) }
    }

    package func publish(deadLetters: [DeadLetter]) async -> [Publication] {
        await transmit(deadLetters) { node, letter in node.withState { $0.record.deadLetters.append(letter) } }
    }

    package func publish(
        events: [OutgoingEvent], whenSent: @escaping @Sendable () -> Void
    ) async -> [Publication] {
        await transmit(events, whenSent: whenSent) { node, event in
            node.withState { $0.record.events.append(event) }
        }
    }

    package func publish(refusedPlan: RefusedPlanMessage) async -> Publication {
        await transmit([refusedPlan.message.body]) { node, body in
            node.withState { $0.record.refusedPlans.append(body) }
        }.first ?? .failed
    }

    package func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Publication {
        await transmit([error]) { node, _ in node.withState { $0.record.quarantined += 1 } }.first ?? .failed
    }

    package func reply(_ reply: PlanReply) async {}

    /// Sends messages over the publishing connection and waits for their confirms.
    ///
    /// Where the connection ends meanwhile, none is confirmed: what was under way may have arrived, or the first part of
    /// it, even after the process is gone.
    private func transmit<Message: Sendable>(
        _ messages: [Message], whenSent: () -> Void = {}, _ land: (SimulatedNode, Message) -> Void
    ) async -> [Publication] {
        let failed = Array(repeating: Publication.failed, count: messages.count)
        guard !messages.isEmpty, let line = node.line(.publishing, of: self) else { return failed }
        node.note("\(messages.count) \(Message.self) on the wire")
        node.withState { $0.inTransit += 1 }
        defer { node.withState { $0.inTransit -= 1 } }
        await time.pause(node.latency())
        while node.isBlocked, node.line(.publishing, of: self) == line, !Task.isCancelled { await time.pause(100) }
        guard node.line(.publishing, of: self) == line, !node.isBlocked else {
            if node.chance.happens(perMille: 500) {
                for message in messages.prefix(node.chance.below(messages.count + 1)) { land(node, message) }
            }
            return failed
        }
        let answers = messages.map { message in
            guard !node.weather.happens(perMille: 20) else { return Publication.failed }
            land(node, message)
            return .confirmed
        }
        whenSent()
        await time.pause(node.latency())
        guard node.line(.publishing, of: self) == line else { return failed }
        return answers
    }

    // MARK: Target queues

    package func open(_ queue: TargetQueue, prefetch: Int) async throws(BrokerError) -> QueueOpening {
        await time.pause(node.latency())
        if node.weather.happens(perMille: 30) {
            throw BrokerError(kind: .refused, message: "The queue is declared otherwise.")
        }
        guard let opening = node.open(queue, prefetch: prefetch, by: self) else { throw .disconnected }
        return opening
    }

    package func declare(_ queue: TargetQueue) async throws(BrokerError) -> QueueOpening {
        await time.pause(node.latency())
        guard let opening = node.declare(queue, by: self) else { throw .disconnected }
        return opening
    }

    package func depth(of queue: TargetQueue) async throws(BrokerError) -> QueueDepth? {
        await time.pause(node.latency())
        return try node.depth(of: queue, by: self)
    }

    /// Of what the simulation keeps in queues.
    package func census(of targets: [TargetQueue]) async throws(BrokerError) -> BrokerCensus {
        await time.pause(node.latency())
        var census = BrokerCensus()
        for target in targets { census.targets[target.targetID] = try node.depth(of: target, by: self) }
        census.ladder = node.withState { $0.inLadder }
        census.plans = QueueDepth(consumers: 1)
        return census
    }

    package func reopen(_ queue: TargetQueue) async {
        await time.pause(node.latency())
        node.reopen(queue, by: self)
    }

    package func close(_ queue: TargetQueue) async {
        await time.pause(node.latency())
        node.close(queue, by: self)
    }

    package func remove(_ queue: TargetQueue) async throws(BrokerError) {
        await time.pause(node.latency())
        guard let isGone = node.remove(queue, by: self) else { throw .disconnected }
        guard isGone else {
            throw BrokerError(kind: .refused, message: "The queue holds messages, or somebody consumes it.")
        }
    }

    package func stopConsuming() async {
        node.stopConsuming(self)
        endStreams()
    }
}

extension BrokerError {
    fileprivate static let disconnected = BrokerError(kind: .unavailable, message: "The broker is not connected.")
}

extension SimulatedNode {
    /// The number of a connection; nil where it is down or another process's.
    fileprivate func line(_ side: Side, of broker: SimulatedBroker) -> Int? {
        withState { state in
            guard state.session === broker, !state.down.contains(side) else { return nil }
            return state.lines[side]
        }
    }

    fileprivate var isBlocked: Bool { withState { $0.isBlocked } }

    /// How long something takes on the wire, in milliseconds.
    fileprivate func latency() -> Int64 {
        if weather.happens(perMille: 40) { return Int64(chance.within(50...2_000)) }
        return Int64(max(0, chance.below(6) - 2))
    }
}

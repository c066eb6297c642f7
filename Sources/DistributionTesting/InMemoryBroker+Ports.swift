package import Distribution

extension InMemoryBroker: Broker {
    package func health() -> AsyncStream<BrokerHealth> {
        let (stream, continuation) = AsyncStream.makeStream(of: BrokerHealth.self)
        change { state in
            continuation.yield(state.health)
            state.healthWatchers.append(continuation)
        }
        return stream
    }

    // MARK: Out

    package func publish(jobs: [OutgoingJob]) async -> [Publication] {
        change { $0.record.jobBatches.append(jobs) }
        let now = time.now()
        return await publish(.jobs, jobs) { $0.queues.add($1, now: now) }
    }

    package func publish(deadLetters: [DeadLetter]) async -> [Publication] {
        await publish(.deadLetters, deadLetters) { $0.deadLetters.append($1) }
    }

    package func publish(
        events: [OutgoingEvent], whenSent: @escaping @Sendable () -> Void
    ) async -> [Publication] {
        change { $0.record.eventBatches.append(events) }
        let publications = await publish(.events, events) { $0.events.append($1) }
        whenSent()
        await until { !$0.areEventConfirmsHeld }
        return publications
    }

    package func publish(refusedPlan: RefusedPlanMessage) async -> Publication {
        await publish(.refusedPlans, [refusedPlan]) { $0.refusedPlans.append($1) }.first ?? .failed
    }

    package func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Publication {
        await publish(.quarantine, [error]) { $0.quarantined.append($1) }.first ?? .failed
    }

    package func reply(_ reply: PlanReply) async {
        change { $0.record.replies.append(reply) }
    }

    /// Waits for as long as the broker holds publishers back.
    private func publish<Message: Sendable>(
        _ sort: Sort, _ messages: [Message], _ take: (inout Record, Message) -> Void
    ) async -> [Publication] {
        if change({ $0.isBlocked }) {
            for await health in health() {
                if case .blocked = health { continue }
                break
            }
        }
        return change { state in
            messages.map { message in
                guard case .connected = state.health else { return .failed }
                switch state.nextAnswer(sort) {
                case .confirm:
                    take(&state.record, message)
                    return .confirmed
                case .loseConfirm:
                    take(&state.record, message)
                    return .failed
                case .refuse: return .failed
                case .unroutable: return .unroutable
                }
            }
        }
    }

    // MARK: Target queues

    @discardableResult
    package func open(_ queue: TargetQueue, prefetch: Int) async throws(BrokerError) -> QueueOpening {
        let result: Result<QueueOpening, BrokerError> = change { state in
            state.record.openings.append(queue.targetID)
            let isThere = state.record.queues[queue] != nil
            guard state.isConnected else { return .failure(.disconnected) }
            guard !state.refusedTargets.contains(queue.targetID),
                state.record.queues.open(queue, prefetch: prefetch)
            else { return .failure(BrokerError(kind: .refused, message: "The queue is declared otherwise.")) }
            return .success(isThere ? .found : .declared)
        }
        return try result.get()
    }

    package func declare(_ queue: TargetQueue) async throws(BrokerError) -> QueueOpening {
        let result: Result<QueueOpening, BrokerError> = change { state in
            guard state.isConnected else { return .failure(.disconnected) }
            let isNew = state.record.queues[queue] == nil
            guard !state.refusedTargets.contains(queue.targetID), state.record.queues.declare(queue) else {
                return .failure(BrokerError(kind: .refused, message: "The queue is declared otherwise."))
            }
            return .success(isNew ? .declared : .found)
        }
        return try result.get()
    }

    package func reopen(_ queue: TargetQueue) async {
        change { state in
            state.record.reopenings.append(queue.targetID)
            state.record.queues.reopen(queue)
        }
    }

    package func close(_ queue: TargetQueue) async {
        change { $0.record.queues.close(queue) }
    }

    package func remove(_ queue: TargetQueue) async throws(BrokerError) {
        let result: Result<Void, BrokerError> = change { state in
            guard state.isConnected else { return .failure(.disconnected) }
            guard state.record.queues.remove(queue) else {
                return .failure(BrokerError(kind: .refused, message: "The queue holds messages or is consumed."))
            }
            return .success(())
        }
        try result.get()
    }

    package func depth(of queue: TargetQueue) async throws(BrokerError) -> QueueDepth? {
        let result: Result<QueueDepth?, BrokerError> = change { state in
            state.record.soundings.append(queue.targetID)
            guard state.isConnected else { return .failure(.disconnected) }
            let present = state.record.queues[queue]
            return .success(present.map { QueueDepth(ready: $0.ready.count, consumers: $0.prefetch == nil ? 0 : 1) })
        }
        return try result.get()
    }

    package func census(of targets: [TargetQueue]) async throws(BrokerError) -> BrokerCensus {
        let result: Result<BrokerCensus, BrokerError> = change { state in
            guard state.isConnected else { return .failure(.disconnected) }
            let queues = state.record.queues
            var census = BrokerCensus()
            for target in targets {
                census.targets[target.targetID] = queues[target].map {
                    QueueDepth(ready: $0.ready.count, consumers: $0.prefetch == nil ? 0 : 1)
                }
            }
            census.ladder = queues.delayed.count
            census.plans = QueueDepth(ready: queues.plans.count, consumers: state.isConsuming ? 1 : 0)
            census.orphans = QueueDepth(ready: queues.orphans.count, consumers: state.isConsuming ? 1 : 0)
            return .success(census)
        }
        return try result.get()
    }

    package func stopConsuming() async {
        change { state in
            state.isConsuming = false
            state.record.queues.closeAll()
        }
        plans.finish()
        jobs.finish()
        orphans.finish()
    }
}

extension InMemoryBroker.State {
    fileprivate var isBlocked: Bool {
        if case .blocked = health { true } else { false }
    }

    fileprivate mutating func nextAnswer(_ sort: InMemoryBroker.Sort) -> InMemoryBroker.Answer {
        guard let answer = answers[sort]?.first else { return .confirm }
        answers[sort]?.removeFirst()
        return answer
    }
}

extension BrokerError {
    fileprivate static let disconnected = BrokerError(kind: .unavailable, message: "The broker is not connected.")
}

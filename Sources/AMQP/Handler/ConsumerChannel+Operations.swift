internal import Logging
internal import NIOCore

extension ConsumerChannel {
    func takeOperations() {
        // A wake-up can outlive the connection; what is in the mailbox by then belongs to the next one.
        guard handler.phase == .open, !isDetached else { return }
        for operation in core.operations.takeAll() { waiting.append(operation) }
        if isOpen { startNextOperation() }
    }

    /// Starts the next operation if none is under way: one at a time, so that an error is always somebody's.
    func startNextOperation() {
        while current == nil {
            guard let operation = waiting.popFirst() else { return becomeReadyOnce() }
            current = operation
            do throws(AMQPError) {
                switch operation {
                // The broker would close the whole connection (530).
                case .add(let consumer, _) where active[consumer.consumerTag] != nil:
                    throw .notEncodable("the consumer tag \(consumer.consumerTag) is in use on this channel")
                case .add(let consumer, _), .restore(let consumer):
                    // Applies to the consumers that start after it on this channel.
                    try handler.send(.qos(prefetch: consumer.prefetch), on: number)
                    try handler.send(.consume(consumer), on: number)
                case .remove(let tag, _) where active[tag] == nil:
                    finishOperation(.success(()))
                    continue
                case .remove(let tag, _):
                    try handler.send(.cancel(consumerTag: tag), on: number)
                case .send(let message, _):
                    try handler.send(message, on: number)
                    finishOperation(.success(()))
                    handler.flush()
                    continue
                }
            } catch {
                finishOperation(.failure(error))
                continue
            }
            currentTimeout = handler.after(patience(with: operation)) { [weak self] _ in self?.askWhetherAlive() }
            handler.flush()
        }
    }

    /// Records the outcome of the operation under way, tells whoever asked for it, and starts the next.
    func finishOperation(_ result: Result<Void, AMQPError>) {
        guard let operation = current else { return }
        current = nil
        currentTimeout?.cancel()
        currentTimeout = nil
        probe = nil
        switch (operation, result) {
        case (.add(let consumer, let completion), .success):
            core.remember(consumer)
            active[consumer.consumerTag] = consumer
            completion(.success(()))
        case (.add(_, let completion), .failure(let error)): completion(.failure(error))
        case (.restore(let consumer), .success):
            active[consumer.consumerTag] = consumer
        case (.restore(let consumer), .failure(let error)):
            core.forget(consumer.consumerTag)
            core.events.yield(.failed(consumerTag: consumer.consumerTag, error: error))
        case (.send(_, let completion), _): completion(result)
        case (.remove(let tag, let completion), _):
            core.forget(tag)
            active[tag] = nil
            // The broker sends nothing for this consumer after its answer: what came before belongs to the caller.
            handBatchOver()
            completion(result)
        }
        if isOpen { startNextOperation() }
    }

    // MARK: No answer

    private func patience(with operation: ConsumerOperation) -> TimeAmount {
        let configuration = handler.configuration
        let seconds =
            switch operation {
            case .add(let consumer, _): core.patienceSeconds(forProven: consumer.isProven, configuration)
            case .restore: core.patienceSeconds(forProven: false, configuration)
            case .remove, .send: configuration.consumeTimeoutSeconds
            }
        return .seconds(Int64(seconds))
    }

    /// Opens another channel, to tell an operation that the broker cannot carry out from a broker that is slow, frozen
    /// or gone: where that is not answered either, heartbeats and the opening's own time limit end the connection.
    private func askWhetherAlive() {
        let probe = LivenessProbe(handler: handler) { [weak self] probe in
            guard let self, probe === self.probe else { return }
            giveUpUnanswered()
        }
        self.probe = probe
        do throws(AMQPError) { try probe.start() } catch { handler.end(error) }
    }

    /// Fails the operation under way, and no other, and ends the connection: the broker's channel is stuck, would crash
    /// after a minute and take the connection with it. What else is on it is restored on the next one.
    private func giveUpUnanswered() {
        guard let queue = current?.queue(among: active) else { return }
        handler.logger.warning(
            "The broker does not answer a queue's consumer; the connection is made anew without it.",
            metadata: ["amqp.queue": "\(queue)", "amqp.group": "\(core.name)"])
        isOpen = false
        core.growPatience()
        finishOperation(.failure(.unanswered(queue: queue)))
        handler.end(.timeout("a consumer of the queue \(queue)"))
    }

    private func becomeReadyOnce() {
        guard !core.operations.isConnected else { return }
        becomeReady()
    }
}

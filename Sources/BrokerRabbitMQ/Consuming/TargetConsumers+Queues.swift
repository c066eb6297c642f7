internal import AMQP
internal import Distribution
internal import Logging

extension TargetConsumers {
    /// Declares, binds and consumes a target's queue; one that is consumed already is bound again and left alone, or
    /// consumed anew where the prefetch differs.
    ///
    /// Declaring happens on a channel of its own first, so that what the broker holds against this queue does not reach
    /// the consumers of others. A queue whose consumer the broker does not answer is renewed before this returns, however
    /// long it takes.
    func open(_ queue: TargetQueue, prefetch: UInt16) async throws(BrokerError) -> QueueOpening {
        let name = topology.names.jobs(of: queue)
        let opening = try await gate.run(name) { () async throws(BrokerError) -> QueueOpening? in
            let entry = withDirectory { $0.entries[name] }
            do {
                if let entry, entry.consumerTag != nil {
                    try await declare(queue, named: name)
                    guard entry.prefetch != prefetch else { return takeOpening(of: name) }
                    withDirectory { $0.setConsumer(nil, prefetch: prefetch, of: name) }
                    await cancel(entry, named: name)
                }
                try await establish(queue, named: name, prefetch: prefetch)
                return takeOpening(of: name)
            } catch let error as AMQPError where error.isUnanswered {
                return nil
            } catch {
                let error = refusal(of: name, error)
                // A queue that was open before is brought back; who opens it for the first time hears of it instead, and
                // so does everybody of one that is refused.
                if entry == nil || error.kind == .refused {
                    await release(name)
                } else {
                    spawn { await self.restore(name) }
                }
                throw error
            }
        }
        if let opening { return opening }
        await restore(name)
        guard withDirectory({ $0.entries[name]?.consumerTag != nil }) else { throw Self.stopped }
        return .found
    }

    /// Declares and binds a target's queue, on a channel of its own.
    func declare(_ queue: TargetQueue) async throws(BrokerError) -> QueueOpening {
        let name = topology.names.jobs(of: queue)
        return try await gate.run(name) { () async throws(BrokerError) -> QueueOpening in
            do {
                try await declare(queue, named: name)
                return takeOpening(of: name)
            } catch {
                throw refusal(of: name, error)
            }
        }
    }

    /// Stops consuming; what was delivered stays settleable.
    func close(_ queue: TargetQueue) async {
        let name = topology.names.jobs(of: queue)
        await gate.run(name) { await release(name) }
    }

    /// Deletes the queue where nothing is in it and nobody else consumes it.
    ///
    /// It is unbound first, so that a job published meanwhile becomes an orphan and is not deleted with it. RabbitMQ's
    /// own `if-unused` and `if-empty` are no help: for a quorum queue they close the connection (540).
    func remove(_ queue: TargetQueue) async throws(BrokerError) {
        let name = topology.names.jobs(of: queue)
        try await gate.run(name) { () async throws(BrokerError) in
            await release(name)
            do {
                try await connection.withChannel { try await self.delete(queue, named: name, on: $0) }
            } catch let error as AMQPError where error.isNotFound {
                // It is gone already, as was wanted.
            } catch {
                throw BrokerError(error)
            }
            withDirectory { $0.forget(name) }
        }
    }

    /// Looks how much a queue holds; nil where it does not exist.
    func depth(of queue: TargetQueue) async throws(BrokerError) -> QueueDepth? {
        let name = topology.names.jobs(of: queue)
        do {
            return try await BrokerCensus.look(into: [name], over: connection)[name]
        } catch {
            throw BrokerError(error)
        }
    }

    /// Brings a lost consumer back, however long it takes, unless its queue is closed or opened by somebody else first,
    /// or refused by the broker: then it is closed, and whoever holds it is told.
    func restore(_ name: String) async {
        var pause = RetryPause()
        while !Task.isCancelled, !isStopped {
            let isDone = await gate.run(name) { () async -> Bool in
                guard let entry = withDirectory({ $0.entries[name] }), entry.consumerTag == nil else { return true }
                do {
                    try await establish(entry.queue, named: name, prefetch: entry.prefetch)
                    logger.info("target queue is consumed again", metadata: ["queue": "\(name)"])
                    if takeOpening(of: name) == .declared { renewed(entry.queue) }
                    return true
                } catch {
                    let error = refusal(of: name, error)
                    logger.warning(
                        "target queue cannot be consumed yet", metadata: ["queue": "\(name)", "error": "\(error)"])
                    guard error.kind == .refused else { return false }
                    await release(name)
                    refused(entry.queue)
                    return true
                }
            }
            if isDone { return }
            // What went wrong with the connection is mended with it, and not later.
            if connection.isOpen {
                do { try await pause.wait() } catch { return }
            } else {
                pause = RetryPause()
            }
            await connection.waitUntilOpen()
        }
    }

    private func takeOpening(of name: String) -> QueueOpening {
        withDirectory { $0.takeBereft(name) } ? .declared : .found
    }

    /// Declares, binds and consumes a queue; one that does not answer is renewed first.
    private func establish(_ queue: TargetQueue, named name: String, prefetch: UInt16) async throws {
        let suspicion = withDirectory { $0.suspicion(of: name) }
        if let suspicion {
            try await revive(queue, named: name, patience: suspicion)
            withDirectory { $0.trust(name) }
        } else {
            try await declare(queue, named: name)
        }
        do {
            try await consume(queue, named: name, prefetch: prefetch, isProven: suspicion != nil)
        } catch {
            let isUnanswered = (error as? AMQPError)?.isUnanswered == true
            withDirectory { directory in
                if isUnanswered {
                    directory.suspect(name)
                } else if !connection.isOpen {
                    directory.suspectIfNew(name)
                }
            }
            throw error
        }
    }

    /// Has a queue that may have lost its leader answer, and renews it where it does not.
    private func revive(_ queue: TargetQueue, named name: String, patience: QueueProbe.Patience) async throws {
        do {
            try await probe.check(name, patience: patience)
        } catch let error as AMQPError where error.isUnanswered {
            try await renew(queue, named: name)
            return try await probe.check(name)
        } catch let error as AMQPError where error.isNotFound {}
        // A renewal that was cut short may have left it unbound.
        try await declare(queue, named: name)
    }

    /// Declares and binds a queue, and notes where it did not exist or somebody else had declared it otherwise: what it
    /// held, or what came to it meanwhile, is lost then.
    private func declare(_ queue: TargetQueue, named name: String) async throws {
        let topology = topology
        let declare: @Sendable (Channel) async throws -> Void = { channel in
            try await topology.declare(queue, named: name, on: channel)
        }
        do {
            try await connection.withChannel { channel in
                _ = try await channel.declareQueue(name: name, passive: true)
                try await declare(channel)
            }
        } catch let error as AMQPError where error.isNotFound {
            withDirectory { $0.bereave(name) }
            try await partFromConsumer(of: name)
            try await connection.withChannel(declare)
            withDirectory { $0.noteDeclaration(of: name) }
        } catch {
            if BrokerError(error).kind == .refused { withDirectory { $0.bereave(name) } }
            throw error
        }
    }

    /// The error as the holder of the queue is told it.
    private func refusal(of name: String, _ error: any Error) -> BrokerError {
        guard case AMQPError.channelClosed(406, let text) = error else { return BrokerError(error) }
        let host = connection.configuration.virtualHost
        return BrokerError(
            kind: .refused, message: "Somebody else has declared the queue \(name) with other settings. \(text)",
            remediation: """
                Delete it (rabbitmqctl delete_queue --vhost '\(host)' '\(name)'): it is declared again by itself, and \
                the jobs of its target are handed out anew. What is in it now may be thrown away.
                """)
    }

    /// Deletes a queue and declares it anew.
    ///
    /// It is unbound first: a job published meanwhile becomes an orphan, and its publisher does not wait in vain for the
    /// confirm of a queue that gives none.
    private func renew(_ queue: TargetQueue, named name: String) async throws {
        do {
            try await connection.withChannel {
                try await $0.unbindQueue(
                    queue: name, exchange: self.topology.names.jobs, routingKey: JobRoutingKey(queue).text)
            }
        } catch let error as AMQPError where error.isNotFound {
            // Deleted already, by an attempt that was cut short.
        }
        logger.warning(
            """
            target queue does not answer its consumer, as one that has lost its leader for good; it is deleted and \
            declared anew, and its jobs are handed out again
            """,
            metadata: ["queue": "\(name)"])
        renewed(queue)
        crashPoints?.reached(.queueCondemned)
        try await connection.withChannel { channel in
            try await channel.deleteQueue(name: name)
            self.crashPoints?.reached(.queueDeleted)
            try await self.topology.declare(queue, named: name, on: channel)
        }
        withDirectory { $0.noteDeclaration(of: name) }
        crashPoints?.reached(.queueRenewed)
        renewed(queue)
    }

    private static let stopped = BrokerError(kind: .unavailable, message: "Consumption has been stopped.")

    private func consume(
        _ queue: TargetQueue, named name: String, prefetch: UInt16, isProven: Bool
    ) async throws {
        guard let group = place(queue, named: name) else {
            throw Self.stopped
        }
        let tag = withDirectory { $0.makeTag(name) }
        // Before the consumer is there: its first messages may come before the call returns.
        withDirectory { $0.setConsumer(tag, prefetch: prefetch, of: name) }
        do {
            try await group.add(queue: name, consumerTag: tag, prefetch: prefetch, isProven: isProven)
            // The group may have been closed meanwhile: nobody would read what it delivers.
            if isStopped {
                try await group.remove(consumerTag: tag)
                throw Self.stopped
            }
        } catch {
            withDirectory { $0.setConsumer(nil, prefetch: prefetch, of: name) }
            throw error
        }
    }

    private func release(_ name: String) async {
        guard let entry = withDirectory({ $0.dismiss(name) }) else { return }
        await cancel(entry, named: name)
    }

    private func cancel(_ entry: TargetDirectory.Entry, named name: String) async {
        guard let tag = entry.consumerTag else { return }
        do {
            try await group(at: entry.group).remove(consumerTag: tag)
        } catch {
            logger.warning(
                "consumer could not be cancelled", metadata: ["queue": "\(name)", "error": "\(BrokerError(error))"])
        }
    }

    private func delete(_ queue: TargetQueue, named name: String, on channel: Channel) async throws {
        let key = JobRoutingKey(queue).text
        // Before anything else, because a missing queue closes the channel here and leaves the bindings alone.
        _ = try await channel.declareQueue(name: name, passive: true)
        try await channel.unbindQueue(queue: name, exchange: topology.names.jobs, routingKey: key)
        let info = try await channel.declareQueue(name: name, passive: true)
        guard info.messageCount == 0, info.consumerCount == 0 else {
            try await channel.bindQueue(queue: name, exchange: topology.names.jobs, routingKey: key)
            throw BrokerError(
                kind: .refused,
                message: "The queue \(name) is not deleted: it holds messages, or somebody consumes it.")
        }
        try await channel.deleteQueue(name: name)
    }
}

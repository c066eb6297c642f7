internal import AMQP
internal import Distribution
internal import Synchronization

/// One channel for each kind of what goes out, so that neither waits for the other and a mistake costs one of them.
final class Publishers: Sendable {
    private let jobs: Publisher
    private let deadLetters: Publisher
    private let events: Publisher
    /// Refused plans and quarantined jobs.
    private let refusals: Publisher
    private let replies: Publisher
    private let deadLetterWindow: DeadLetterWindow
    private let encoder: MessageEncoder
    private let crashPoints: (any CrashPoints)?
    private let routingKeys = Mutex(RoutingKeyCache())

    init(
        connection: Connection, topology: Topology, deadLetterWindow: DeadLetterWindow,
        crashPoints: (any CrashPoints)?
    ) {
        self.deadLetterWindow = deadLetterWindow
        self.crashPoints = crashPoints
        jobs = connection.makePublisher()
        deadLetters = connection.makePublisher()
        events = connection.makePublisher()
        refusals = connection.makePublisher()
        replies = connection.makePublisher()
        encoder = MessageEncoder(names: topology.names, ladder: topology.ladder)
    }

    func publish(jobs batch: [OutgoingJob]) async -> [Publication] {
        let messages = routingKeys.withLock { keys in
            batch.map { encoder.message($0, routingKey: keys.key(of: $0.claim)) }
        }
        guard let crashPoints else { return await Self.publish(messages, on: jobs) }
        return await Self.publish(messages, on: jobs) {
            if batch.contains(where: { $0.delayMilliseconds == 0 }) { crashPoints.reached(.jobsSent) }
            if batch.contains(where: { $0.delayMilliseconds > 0 }) { crashPoints.reached(.delayedJobsSent) }
        }
    }

    func publish(deadLetters batch: [DeadLetter]) async -> [Publication] {
        let messages = routingKeys.withLock { keys in
            batch.map { encoder.message($0, routingKey: keys.key(of: $0.claim)) }
        }
        return await shown(batch.count) {
            await Self.publish(messages, on: deadLetters, whenSent: whenSent(.deadLettersSent))
        }
    }

    func publish(events batch: [OutgoingEvent], whenSent: @escaping @Sendable () -> Void) async -> [Publication] {
        await Self.publish(batch.map(encoder.message), on: events) { [crashPoints] in
            crashPoints?.reached(.eventsSent)
            whenSent()
        }
    }

    func publish(refusedPlan: RefusedPlanMessage) async -> Publication {
        Publication(await refusals.publish(encoder.message(refusedPlan)))
    }

    func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Publication {
        await shown(1) { [Publication(await refusals.publish(encoder.quarantined(message, as: error)))] }[0]
    }

    func reply(_ reply: PlanReply) async -> Publication {
        Publication(await replies.publish(encoder.message(reply)))
    }

    /// Publishes nothing to nobody: no binding of the ladder matches a message without its headers.
    func knock() async {
        _ = await replies.publish(encoder.nothing)
    }

    /// Publishes dead letters, of which none counts as confirmed that a queue may not show.
    private func shown(_ count: Int, _ publish: () async -> [Publication]) async -> [Publication] {
        let failed = Array(repeating: Publication.failed, count: count)
        guard let pass = deadLetterWindow.enter() else { return failed }
        let publications = await publish()
        return deadLetterWindow.hasStayedOpen(since: pass) ? publications : failed
    }

    private func whenSent(_ point: CrashPoint) -> (@Sendable () -> Void)? {
        guard let crashPoints else { return nil }
        return { crashPoints.reached(point) }
    }

    private static func publish(
        _ messages: [OutgoingMessage], on publisher: Publisher, whenSent: (@Sendable () -> Void)? = nil
    ) async -> [Publication] {
        guard !messages.isEmpty else { return [] }
        return await publisher.publish(messages, whenSent: whenSent).map(Publication.init)
    }
}

import AMQP
import BrokerRabbitMQ
import Distribution
import Egress
import LocalReceiver

/// The demo's acts, in their order.
struct DemoStory: Sendable {
    let stage: DemoStage
    private let names = ObjectNames(namespace: .standard, levels: 0)

    init(stage: DemoStage) {
        self.stage = stage
    }

    func begin() {
        let output = stage.output
        output.line(output.styled("Clawcast demo", .bold) + ", version \(Release.version)")
        output.line("Starting a private RabbitMQ node, the service and a receiver, all on loopback …")
    }

    /// - Throws: ``CommandFailure`` with everything that went otherwise than it should.
    func tell(_ service: RunningService) async throws {
        let api = try APIClient(origin: try OutboundURL(service.apiAddress), key: service.adminKey, domain: 1)
        let session = Session(api: api, output: stage.output, diagnostics: stage.diagnostics, wantsJSON: false)
        do {
            stage.output.line("The API listens at \(service.apiAddress); the receiver at \(stage.receiver.url("/")).")
            let targets = try await addTargets(session)
            let letters = try await BrokerVisit.make(to: service.amqpURL, as: "clawcast demo") { connection in
                try await distribute(to: targets, over: connection, session)
                return try await DeadLetterPeek(queue: names.dead(of: .webhook)).letters(
                    atLeast: DemoTarget.all.filter { $0.outcome.status == "failed" }.count, over: connection)
            }
            try await DemoReview(stage: stage, session: session, targets: targets).show(letters)
        } catch {
            await api.shutdown()
            throw error
        }
        await api.shutdown()
    }

    func end() {
        stage.heading("Everything went as it should, and nothing is left behind.")
        stage.output.line(
            """
            Next: `clawcast run` starts the service for good; in another terminal,
              clawcast targets add --name shop --url https://your-site.example/hooks
              clawcast plans submit plan.json --wait
            `clawcast --help` shows the rest, `clawcast doctor` checks this machine.
            """)
    }

    private func addTargets(_ session: Session) async throws -> [Int64: DemoTarget] {
        stage.heading("1. Targets, each with a queue of its own")
        var added: [Int64: DemoTarget] = [:]
        var table = Table([.init(title: "ID", isTrailing: true), .init(title: "NAME"), .init(title: "THIS ONE …")])
        for target in DemoTarget.all {
            if let behaviour = target.behaviour { stage.receiver.respond(at: target.address, with: behaviour) }
            let answer = try await session.api.call(.post, "/targets", body: target.request(on: stage))
            guard let id = answer.data.integer("id") else { throw CommandFailure("The API returned no target id.") }
            added[id] = target
            table.add([.init("\(id)"), .init(target.name, .bold), .init(target.promise)])
        }
        stage.output.write(table.rendered(on: stage.output))
        return added
    }

    /// Publishes the plans as WordClaw would and shows every event until both plans have ended.
    private func distribute(
        to targets: [Int64: DemoTarget], over connection: Connection, _ session: Session
    ) async throws {
        stage.heading("2. A plan, published over AMQP to \(names.plans); its events, from \(names.eventsForWordClaw)")
        let group = connection.makeConsumerGroup(name: "wordclaw")
        try await group.add(queue: names.eventsForWordClaw, consumerTag: "wordclaw", prefetch: 100)
        let licensed = targets.filter { $0.value.name != DemoTarget.unlicensed.name }.keys.sorted()
        let unlicensed = targets.filter { $0.value.name == DemoTarget.unlicensed.name }.keys.sorted()
        let start = session.now
        try await publish("demo-1", targets: licensed, channels: ["webhook"], at: start, over: connection)
        var open = 2
        events: for await batch in group.deliveries {
            for delivery in batch {
                delivery.ack()
                guard let event = DemoEvent(message: delivery.body), !event.kind.hasPrefix("target.") else { continue }
                stage.output.line(
                    event.line(
                        elapsed: session.now.milliseconds(since: start), names: targets.mapValues(\.name),
                        on: stage.output))
                if event.kind == "plan.accepted", event.planID == 1 {
                    stage.output.line(stage.output.styled("+ a second plan, whose licence covers feeds only", .dim))
                    try await publish("demo-2", targets: unlicensed, channels: ["feed"], at: start, over: connection)
                }
                if event.kind == "plan.completed" || event.kind == "plan.rejected" { open -= 1 }
            }
            if open <= 0 { break events }
        }
        await group.close()
        guard open <= 0 else { throw CommandFailure("The events ended before the plans did.") }
    }

    /// As every publisher should: persistent, mandatory, with a message id, and waiting for the confirm.
    private func publish(
        _ key: String, targets: [Int64], channels: [String], at now: Timestamp, over connection: Connection
    ) async throws {
        let result = await connection.makePublisher().publish(
            OutgoingMessage(
                exchange: names.plans, routingKey: "plan.requested",
                properties: MessageProperties(contentType: "application/json", messageID: key),
                body: DemoPlan.message(key: key, targets: targets, channels: channels, at: now)))
        guard result == .confirmed else { throw CommandFailure("The broker did not take the plan: \(result).") }
    }
}

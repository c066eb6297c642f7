import AMQP
import Distribution
import LocalReceiver

/// Shows what came of it all, and holds it against what should have.
struct DemoReview: Sendable {
    let stage: DemoStage
    let session: Session
    let targets: [Int64: DemoTarget]

    /// - Throws: ``CommandFailure`` that names each difference.
    func show(_ letters: [Delivery]) async throws {
        stage.heading("3. What the ledger says")
        let jobs = try await session.api.call(.get, "/jobs").items
        stage.output.write(
            JobPresentation.table(jobs, in: session, showsPlan: true).rendered(on: stage.output))
        let receipts = try await session.api.call(.get, "/receipts").items
        stage.output.line()
        stage.output.write(ReceiptPresentation.table(receipts, in: session).rendered(on: stage.output))
        show(letters: letters)
        stage.heading("5. What the receiver saw")
        stage.output.write(receiverTable.rendered(on: stage.output))
        let problems = problems(jobs: jobs, receipts: receipts, letters: letters)
        guard problems.isEmpty else { throw CommandFailure(problems.joined(separator: " ")) }
    }

    private func show(letters: [Delivery]) {
        stage.heading("4. Dead letters, as they stand in their queue")
        for (index, letter) in letters.enumerated() {
            if index > 0 { stage.output.line() }
            var sheet = FactSheet()
            let headers = letter.properties.headers
            sheet.add("Routing key", letter.routingKey, .bold)
            sheet.add("Delivery id", letter.properties.messageID)
            for name in ["x-error-code", "x-error", "x-attempts", "x-status-code", "x-first-attempt-at", "x-dead-at"] {
                let value = headers[name]
                sheet.add(
                    name, value?.stringValue ?? value?.integerValue.map { "\($0)" },
                    name == "x-error-code" ? .red : nil)
            }
            sheet.add("Body", "\(letter.body.count) bytes, ready to be replayed")
            stage.output.write(sheet.rendered(on: stage.output))
        }
    }

    private var receiverTable: Table {
        var table = Table([
            .init(title: "PATH"), .init(title: "REQUESTS", isTrailing: true),
            .init(title: "DELIVERY IDS", isTrailing: true), .init(title: "SIGNATURES"),
        ])
        for path in DemoTarget.all.map(\.address) where path.hasPrefix("/") {
            let requests = stage.receiver.requests(at: path)
            let valid = requests.filter { $0.isVerified == true }.count
            let signatures = requests.isEmpty ? "nothing came" : "\(valid) of \(requests.count) valid"
            table.add([
                .init(path, .bold), .init("\(requests.count)"), .init("\(Set(requests.map(\.deliveryID)).count)"),
                .init(signatures, valid == requests.count ? .green : .red),
            ])
        }
        return table
    }

    private func problems(jobs: [JSON], receipts: [JSON], letters: [Delivery]) -> [String] {
        var problems: [String] = []
        for (id, target) in targets.sorted(by: { $0.key < $1.key }) {
            guard let job = jobs.first(where: { $0.integer("targetId") == id }) else {
                problems.append("Target \(target.name) got no job.")
                continue
            }
            let outcome = DemoTarget.Outcome(
                status: job.text("status") ?? "?", attempts: job.integer("attempt") ?? -1,
                code: job.member("error")?.text("code"))
            if outcome != target.outcome {
                problems.append("Target \(target.name) ended as \(outcome) and not as \(target.outcome).")
            }
        }
        let succeeded = targets.values.filter { $0.outcome.status == "succeeded" }.count
        let failed = targets.values.filter { $0.outcome.status == "failed" }.count
        if receipts.count != succeeded { problems.append("There are \(receipts.count) receipts, not \(succeeded).") }
        if letters.count != failed { problems.append("There are \(letters.count) dead letters, not \(failed).") }
        let requests = stage.receiver.requests()
        if !requests.allSatisfy({ $0.isVerified == true }) { problems.append("Not every signature was valid.") }
        for target in targets.values where target.address.hasPrefix("/") {
            let seen = stage.receiver.requests(at: target.address)
            if seen.count != Int(target.outcome.attempts) {
                problems.append("\(target.name) was sent \(seen.count) requests, not \(target.outcome.attempts).")
            }
            if Set(seen.map(\.deliveryID)).count > 1 {
                problems.append("\(target.name) was sent more than one delivery id.")
            }
        }
        return problems
    }
}

extension DemoTarget.Outcome: CustomStringConvertible {
    var description: String {
        "\(status) after \(attempts) attempts" + (code.map { " with \($0)" } ?? "")
    }
}

import Distribution

/// How jobs and their attempts look to people.
enum JobPresentation {
    static func table(_ jobs: [JSON], in session: Session, showsPlan: Bool) -> Table {
        var columns: [Table.Column] = [
            .init(title: "JOB", isTrailing: true), .init(title: "TARGET", isTrailing: true), .init(title: "CHANNEL"),
            .init(title: "STATUS"), .init(title: "ATTEMPT", isTrailing: true), .init(title: "NEXT"),
            .init(title: "LAST ERROR", isFlexible: true),
        ]
        if showsPlan { columns.insert(.init(title: "PLAN", isTrailing: true), at: 1) }
        var table = Table(columns)
        for job in jobs {
            var row: [Table.Cell] = [
                .init(job.label("id"), .bold), .init(job.label("targetId")), .init(job.text("channelType")),
                .status(job.text("status")), .init(attempts(of: job)), .init(next(of: job, in: session)),
                .init(error(of: job)),
            ]
            if showsPlan { row.insert(.init(job.label("planId")), at: 1) }
            table.add(row)
        }
        return table
    }

    static func sheet(_ job: JSON, in session: Session) -> String {
        var sheet = FactSheet()
        sheet.add("Job", job.label("id"), .bold)
        sheet.add("Plan", job.label("planId"))
        sheet.add("Target", "\(job.label("targetId") ?? "?") (\(job.text("channelType") ?? "?"))")
        sheet.add("Delivery id", job.text("deliveryId"))
        sheet.add("Status", job.text("status"), job.text("status").flatMap(Style.status))
        sheet.add("Attempt", attempts(of: job))
        sheet.add("Waiting on", job.text("waitingOn"))
        sheet.add("Next attempt", session.relative(job.text("nextAttemptAt")))
        sheet.add("Error", error(of: job), .red)
        sheet.add("Remedy", job.member("error")?.text("remediation"))
        if let receipt = job.member("receipt"), !receipt.isNull {
            sheet.add("Delivered", session.relative(receipt.text("deliveredAt")))
            sheet.add("External id", receipt.text("externalId"))
            sheet.add("External URL", receipt.text("externalUrl"))
        }
        sheet.add("Created", session.relative(job.text("createdAt")))
        sheet.add("Next", job.text("recommendedNextAction"))
        let attempts = job.elements("attempts")
        guard !attempts.isEmpty else { return sheet.rendered(on: session.output) }
        return sheet.rendered(on: session.output) + "\n"
            + attemptTable(attempts, in: session).rendered(on: session.output)
    }

    static func error(of job: JSON) -> String? {
        guard let message = job.text("lastError") else { return nil }
        return job.member("error")?.text("code").map { "\($0): \(message)" } ?? message
    }

    private static func attempts(of job: JSON) -> String? {
        guard let attempt = job.label("attempt") else { return nil }
        return job.label("maxAttempts").map { "\(attempt)/\($0)" } ?? attempt
    }

    private static func next(of job: JSON, in session: Session) -> String? {
        let waitingOn = job.text("waitingOn")
        // What waits for its target may have been due long ago.
        let hasTime = waitingOn == nil || waitingOn == "retry" || waitingOn == "schedule"
        guard hasTime, job.text("nextAttemptAt") != nil else { return waitingOn }
        return session.relative(job.text("nextAttemptAt"))
    }

    private static func attemptTable(_ attempts: [JSON], in session: Session) -> Table {
        var table = Table([
            .init(title: "ATTEMPT", isTrailing: true), .init(title: "STARTED"), .init(title: "TOOK", isTrailing: true),
            .init(title: "ANSWER", isTrailing: true), .init(title: "CERTAINTY"),
            .init(title: "MESSAGE", isFlexible: true),
        ])
        for attempt in attempts {
            let certainty = attempt.text("certainty")
            table.add([
                .init(attempt.label("number"), .bold), .init(session.relative(attempt.text("startedAt"))),
                .init(attempt.label("durationMs").map { "\($0) ms" }), .init(attempt.label("statusCode")),
                .init(certainty, certainty == "accepted" ? .green : .yellow), .init(attempt.text("message")),
            ])
        }
        return table
    }
}

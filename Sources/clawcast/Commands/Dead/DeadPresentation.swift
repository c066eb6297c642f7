import Distribution

/// How dead letters look to people.
enum DeadPresentation {
    static func table(_ letters: [JSON], in session: Session) -> Table {
        var table = Table([
            .init(title: "JOB", isTrailing: true), .init(title: "PLAN", isTrailing: true),
            .init(title: "TARGET", isTrailing: true), .init(title: "CHANNEL"),
            .init(title: "ATTEMPTS", isTrailing: true), .init(title: "DIED"), .init(title: "ERROR", isFlexible: true),
        ])
        for letter in letters {
            table.add([
                .init(letter.label("jobId"), .bold), .init(letter.label("planId")), .init(letter.label("targetId")),
                .init(letter.text("channelType")), .init(letter.label("attempts")),
                .init(session.relative(letter.text("diedAt"))), .init(JobPresentation.error(of: letter), .red),
            ])
        }
        return table
    }

    static func sheet(_ letter: JSON, in session: Session) -> String {
        var sheet = FactSheet()
        sheet.add("Job", letter.label("jobId"), .bold)
        sheet.add("Plan", letter.label("planId"))
        sheet.add("Target", "\(letter.label("targetId") ?? "?") (\(letter.text("channelType") ?? "?"))")
        sheet.add("Delivery id", letter.text("deliveryId"))
        sheet.add("Attempts", letter.label("attempts"))
        sheet.add("Died", session.relative(letter.text("diedAt")))
        sheet.add("Error", JobPresentation.error(of: letter), .red)
        sheet.add("Remedy", letter.member("error")?.text("remediation"))
        sheet.add("First tried", session.relative(letter.text("firstAttemptAt")))
        let payload = letter.member("payload")
        sheet.add(
            "Size", payload?.label("bytes").map { "\($0) bytes of \(payload?.text("contentType") ?? "unknown type")" })
        sheet.add("Body", payload?.text("body"))
        sheet.add("Next", letter.text("recommendedNextAction"))
        return sheet.rendered(on: session.output)
    }
}

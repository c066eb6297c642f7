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

    static func runs(_ runs: [JSON], _ kind: DeadLetterRun.Kind, in session: Session) -> Table {
        var table = Table([
            .init(title: "ID", isTrailing: true), .init(title: "STATUS"), .init(title: "TOTAL", isTrailing: true),
            .init(title: kind.countName.uppercased(), isTrailing: true), .init(title: "SKIPPED", isTrailing: true),
            .init(title: "BEGUN"), .init(title: "WHICH", isFlexible: true),
        ])
        for run in runs {
            table.add([
                .init(run.label("id"), .bold), .init(run.text("status")), .init(run.label("total")),
                .init(run.label(kind.countName)), .init(run.label("skipped")),
                .init(session.relative(run.text("createdAt"))), .init(filter(of: run)),
            ])
        }
        return table
    }

    static func sheet(ofRun run: JSON, _ kind: DeadLetterRun.Kind, in session: Session) -> String {
        var sheet = FactSheet()
        sheet.add(kind == .replay ? "Replay" : "Purge", run.label("id"), .bold)
        sheet.add("Status", run.text("status"))
        sheet.add("Which", filter(of: run))
        sheet.add("Total", run.label("total"))
        sheet.add(kind == .replay ? "Replayed" : "Purged", run.label(kind.countName))
        sheet.add("Skipped", run.label("skipped"))
        sheet.add("Rate", run.label("ratePerSecond").map { "\($0) a second" })
        sheet.add("Begun", session.relative(run.text("createdAt")))
        sheet.add("Ended", session.relative(run.text("endedAt")))
        sheet.add("Next", run.text("recommendedNextAction"))
        return sheet.rendered(on: session.output)
    }

    private static func filter(of run: JSON) -> String {
        let words = run.member("filter")?.objectValue?.members ?? []
        return words.isEmpty ? "all" : words.map { "\($0.name) \($0.value.compactText)" }.joined(separator: ", ")
    }
}

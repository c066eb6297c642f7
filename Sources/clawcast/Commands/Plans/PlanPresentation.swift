import Distribution

/// How plans look to people.
enum PlanPresentation {
    static func table(_ plans: [JSON], in session: Session) -> Table {
        var table = Table([
            .init(title: "ID", isTrailing: true), .init(title: "STATUS"), .init(title: "DELIVERED", isTrailing: true),
            .init(title: "CONTENT"), .init(title: "IDEMPOTENCY KEY", isFlexible: true), .init(title: "CREATED"),
        ])
        for plan in plans {
            let item = "\(plan.label("contentItemId") ?? "?") v\(plan.label("contentVersion") ?? "?")"
            table.add([
                .init(plan.label("id"), .bold), .status(plan.text("status")), .init(share(plan.member("counts"))),
                .init(item), .init(plan.text("idempotencyKey")), .init(session.relative(plan.text("createdAt"))),
            ])
        }
        return table
    }

    /// The plan with its jobs and what to do next.
    static func sheet(_ plan: JSON, in session: Session) -> String {
        var sheet = FactSheet()
        sheet.add("Plan", plan.label("id"), .bold)
        sheet.add("Status", plan.text("status"), plan.text("status").flatMap(Style.status))
        sheet.add("Content", plan.label("contentItemId").map { "\($0) v\(plan.label("contentVersion") ?? "?")" })
        sheet.add("Key", plan.text("idempotencyKey"))
        sheet.add("Jobs", counts(plan.member("counts")))
        sheet.add("Created", session.relative(plan.text("createdAt")))
        sheet.add("Scheduled", plan.text("scheduledAt").map { "\($0), \(session.relative($0) ?? "")" })
        sheet.add("Completed", session.relative(plan.text("completedAt")))
        sheet.add("Next", plan.text("recommendedNextAction"))
        let jobs = plan.elements("jobs")
        guard !jobs.isEmpty else { return sheet.rendered(on: session.output) }
        var text = sheet.rendered(on: session.output) + "\n"
        text += JobPresentation.table(jobs, in: session, showsPlan: false).rendered(on: session.output)
        if plan.bool("jobsTruncated") == true {
            text += session.output.styled("More jobs: clawcast jobs list --plan \(plan.label("id") ?? "")\n", .dim)
        }
        return text
    }

    /// `8 of 10 delivered, 1 retrying, 1 queued`
    static func counts(_ counts: JSON?) -> String? {
        guard let counts, let total = counts.integer("total") else { return nil }
        let others = ["failed", "blocked", "cancelled", "retrying", "running", "queued"].compactMap { name in
            counts.integer(name).flatMap { $0 > 0 ? "\($0) \(name)" : nil }
        }
        return (["\(counts.integer("succeeded") ?? 0) of \(total) delivered"] + others).joined(separator: ", ")
    }

    private static func share(_ counts: JSON?) -> String? {
        counts.flatMap { counts in
            counts.integer("total").map { "\(counts.integer("succeeded") ?? 0)/\($0)" }
        }
    }
}

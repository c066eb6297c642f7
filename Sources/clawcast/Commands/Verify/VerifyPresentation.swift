import Distribution

/// What `verify` has found, for people.
struct VerifyPresentation {
    private let report: ConservationReport

    init(_ report: ConservationReport) {
        self.report = report
    }

    func text(on terminal: Terminal) -> String {
        var text = facts.rendered(on: terminal)
        if let messages = report.messages {
            let table = Self.table(messages)
            if !table.isEmpty { text += "\n" + table.rendered(on: terminal) }
        }
        for finding in report.findings.all { text += "\n" + Self.text(of: finding, on: terminal) }
        let violations = report.findings.violations.reduce(0) { $0 + $1.count }
        let verdict =
            report.holds
            ? terminal.styled(praise, wasAllJudged ? .green : .yellow)
            : terminal.styled("\(violations) violation\(violations == 1 ? "" : "s").", .red)
        return text + "\n" + verdict + "\n"
    }

    private var wasAllJudged: Bool { report.messages != nil && report.isQuiet }

    /// No more than what was looked at.
    private var praise: String {
        guard report.messages != nil else { return "The ledger holds what it must; the broker was not looked at." }
        return report.isQuiet ? "Nothing is lost." : "The ledger holds what it must; messages were not judged."
    }

    private var facts: FactSheet {
        let (ledger, jobs) = (report.ledger, report.ledger.jobs)
        var facts = FactSheet()
        facts.add("plans", "\(ledger.plans)")
        let states = JobStatus.allCases.filter { jobs[$0] > 0 }.map { "\(jobs[$0]) \($0.rawValue)" }
        facts.add("jobs", ([String(jobs.total)] + states).joined(separator: ", "))
        facts.add("attempts", "\(ledger.attempts)")
        facts.add("receipts", "\(ledger.receipts)")
        facts.add("events owed", "\(ledger.owedEvents)")
        facts.add("payloads hashed", "\(ledger.payloads)")
        facts.add("messages", messages)
        return facts
    }

    private var messages: String {
        guard let reading = report.messages else { return "not looked at" }
        let census = reading.census
        let waiting = census.targets.values.reduce(0) { $0 + $1.ready }
        return "\(waiting) in queues, \(census.ladder) delayed, \(census.orphans.ready) orphaned, "
            + "\(census.deadLetters) dead letters, \(census.deadPlans.ready) dead plans, \(census.plans.ready) plans, "
            + "\(census.events.ready) events; " + (report.isQuiet ? "the system stands still" : "the system works")
    }

    /// Targets with open jobs or messages.
    private static func table(_ reading: SystemReading) -> Table {
        var table = Table([
            Table.Column(title: "TARGET"), Table.Column(title: "CHANNEL"), Table.Column(title: "DUE", isTrailing: true),
            Table.Column(title: "DELAYED", isTrailing: true), Table.Column(title: "SCHEDULED", isTrailing: true),
            Table.Column(title: "OWED", isTrailing: true),
            Table.Column(title: "RUNNING", isTrailing: true), Table.Column(title: "MESSAGES", isTrailing: true),
        ])
        for target in reading.targets {
            let waiting = reading.waiting[target.queue.targetID] ?? WaitingJobs()
            let depth = reading.census.targets[target.queue.targetID]
            guard waiting.open > 0 || (depth?.ready ?? 0) > 0 else { continue }
            table.add([
                Table.Cell("\(target.queue.targetID)"), Table.Cell(target.queue.channelType.rawValue),
                Table.Cell("\(waiting.settled + waiting.recent)"), Table.Cell("\(waiting.delayed)"),
                Table.Cell("\(waiting.held)"),
                Table.Cell("\(waiting.unconfirmed)"), Table.Cell("\(waiting.running)"),
                Table.Cell(depth.map { "\($0.ready)" } ?? "no queue"),
            ])
        }
        return table
    }

    private static func text(of finding: ConservationFinding, on terminal: Terminal) -> String {
        let isViolation = finding.problem.severity == .violation
        let word = terminal.styled(finding.problem.severity.rawValue, isViolation ? .red : .yellow)
        let more = finding.count > finding.subjects.count ? " and \(finding.count - finding.subjects.count) more" : ""
        return "\(word) \(finding.problem.rawValue): \(finding.problem.sentence)\n"
            + "  " + DisplayText.safe(finding.subjects.joined(separator: ", ")) + more + "\n"
            + "  " + terminal.styled(finding.problem.remediation, .dim) + "\n"
    }
}

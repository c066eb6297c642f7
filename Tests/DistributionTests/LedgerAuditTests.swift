import Distribution
import DistributionTesting
import Testing

/// The pure half of an audit; what it is given comes from a ledger in `TamperedLedgerTests`.
@Suite("Ledger audit") struct LedgerAuditTests {
    private func events(
        _ entries: [(place: Int64, plan: Int64?, sequence: Int64?, newest: Int64?)], first: Int64? = nil,
        next: Int64? = nil
    ) -> EventAuditPage {
        EventAuditPage(
            entries: entries.map {
                EventAuditPage.Entry(
                    place: $0.place, planID: $0.plan.map { PlanID($0) }, sequence: $0.sequence, newest: $0.newest)
            }, firstPlace: first ?? entries.first?.place, next: next)
    }

    private func broken(_ pages: EventAuditPage...) -> [String] {
        var audit = LedgerAudit()
        for page in pages { audit.take(page) }
        return audit.findings[.eventSequenceBroken]?.subjects ?? []
    }

    @Test func `sequences go on from page to page, and events of no plan are between them`() {
        let first = events([(5, 1, 3, 5), (6, nil, nil, nil), (7, 1, 4, 5)], next: 7)
        #expect(broken(first, events([(8, 2, 1, 1), (9, 1, 5, 5)], first: 5)) == [])
        #expect(broken(first, events([(9, 1, 6, 6)], first: 5)) == ["plan 1"])
    }

    @Test func `what was confirmed between two pages leaves no gap`() {
        let first = events([(5, 1, 3, 9), (6, 1, 4, 9)], next: 6)
        #expect(broken(first, events([(20, 1, 8, 9), (21, 1, 9, 9)])) == [])
        #expect(broken(first, EventAuditPage(entries: [], firstPlace: nil, next: nil)) == [])
    }

    @Test func `the newest event must be owed while an older one is`() {
        #expect(broken(events([(5, 1, 3, 4)])) == ["plan 1"])
        #expect(broken(events([(5, 1, 3, 3)])) == [])
        #expect(broken(events([(5, 1, 4, 3)])) == ["plan 1"])
        #expect(broken(events([(5, 1, 4, nil)])) == ["plan 1"])
        #expect(broken(events([(5, nil, -1, nil)])) == ["plan 0"])
    }

    @Test func `attempts count from 1 in the order in which they began`() {
        func tally(_ numbers: Int...) -> AttemptTally {
            var tally = AttemptTally()
            for (index, number) in numbers.enumerated() {
                tally.add(
                    AttemptID(Int64(index) + 1), number: number, isOpen: false, isAccepted: false, incarnation: 1)
            }
            return tally
        }
        #expect(tally().isGapless)
        #expect(tally(1, 2, 3).isGapless)
        #expect(!tally(1, 3).isGapless)
        #expect(!tally(2, 1).isGapless)
        #expect(!tally(1, 1).isGapless)
    }

    @Test func `findings name the first ten and count them all`() {
        var findings = ConservationFindings()
        for number in 1...15 { findings.add(.jobStateInvalid, "job \(number)") }
        var more = ConservationFindings()
        more.add(.jobStateInvalid, "job 16")
        more.add(.systemBusy, "3 attempts in flight")
        findings.add(more)
        #expect(findings.violations.map(\.count) == [16])
        #expect(findings.violations.first?.subjects.count == 10)
        #expect(findings.warnings.map(\.problem) == [.systemBusy])
    }

    @Test(arguments: ConservationProblem.allCases)
    func `every problem says what it is and what to do`(problem: ConservationProblem) {
        #expect(problem.rawValue.allSatisfy { $0 == "_" || ("A"..."Z").contains($0) })
        #expect(problem.sentence.hasSuffix("."))
        #expect(problem.remediation.hasSuffix("."))
    }
}

import Distribution
import DistributionTesting
import Testing

/// Counts of messages against counts of jobs that wait for one.
@Suite("System reading") struct SystemReadingTests {
    /// Target 1 has two due jobs, target 2 none; one job of each is delayed.
    private struct Fixture {
        var waiting: [TargetID: WaitingJobs] = [:]
        var census = BrokerCensus()
        var pulse = LedgerPulse(owedEvents: 0, owedDeadLetters: 0, activity: 1)
        var isActive = true
        var isRateLimited = false

        init() {
            var jobs = WaitingJobs()
            jobs.delayed = 1
            waiting[TargetID(2)] = jobs
            jobs.settled = 2
            waiting[TargetID(1)] = jobs
            census.targets = [TargetID(1): QueueDepth(ready: 2), TargetID(2): QueueDepth(ready: 0)]
            census.ladder = 2
        }

        var reading: SystemReading {
            let targets = [1, 2].map { (number: Int64) in
                AuditTarget(
                    queue: TargetQueue(targetID: TargetID(number), channelType: .webhook, type: .quorum),
                    isActive: isActive, isRateLimited: isRateLimited)
            }
            return SystemReading(targets: targets, waiting: waiting, pulse: pulse, census: census)
        }
    }

    private func problems(
        isQuiet: Bool = true, _ change: (inout Fixture) -> Void = { _ in }
    ) -> [ConservationProblem] {
        var fixture = Fixture()
        change(&fixture)
        return fixture.reading.findings(isQuiet: isQuiet).all.map(\.problem)
    }

    @Test func `as many messages as jobs are right`() {
        #expect(problems() == [])
    }

    @Test func `fewer are a violation only where the system is quiet`() {
        #expect(problems { $0.census.targets[TargetID(1)]?.ready = 1 } == [.messagesMissing])
        #expect(problems { $0.census.ladder = 1 } == [.delayedMessagesMissing])
        #expect(problems(isQuiet: false) { $0.census.targets[TargetID(1)]?.ready = 0 } == [.systemBusy])
        #expect(problems(isQuiet: false) { $0.census.ladder = 0 } == [.systemBusy])
        let found = { () -> [String]? in
            var fixture = Fixture()
            fixture.census.targets[TargetID(1)]?.ready = 1
            return fixture.reading.findings(isQuiet: true)[.messagesMissing]?.subjects
        }()
        #expect(found == ["target 1: 1 for 2 jobs"])
    }

    @Test func `one that is late in the ladder, an orphan or early in its queue is not missing`() {
        #expect(
            problems { fixture in
                fixture.census.targets[TargetID(1)]?.ready = 1
                fixture.census.ladder = 3
            } == [])
        #expect(
            problems { fixture in
                fixture.census.targets[TargetID(1)]?.ready = 1
                fixture.census.orphans.ready = 1
            } == [.orphansWaiting])
        #expect(
            problems { fixture in
                fixture.census.targets[TargetID(2)]?.ready = 1
                fixture.census.ladder = 1
            } == [])
    }

    @Test func `a consumer that keeps to a rate limit may hold some in hand`() {
        func missing(_ consumers: Int, isRateLimited: Bool) -> [ConservationProblem] {
            problems { fixture in
                fixture.isRateLimited = isRateLimited
                fixture.census.targets[TargetID(1)] = QueueDepth(ready: 0, consumers: consumers)
            }
        }
        #expect(missing(1, isRateLimited: true) == [.messagesUnseen])
        #expect(missing(0, isRateLimited: true) == [.messagesMissing])
        #expect(missing(1, isRateLimited: false) == [.messagesMissing])
    }

    @Test func `more are copies, and only worth a word`() {
        #expect(problems { $0.census.targets[TargetID(2)]?.ready = 2 } == [.messagesSurplus])
        #expect(problems { $0.census.ladder = 5 } == [.messagesSurplus])
        // A message of a job that runs, or whose confirm is not noted yet, is none too many.
        #expect(
            problems { fixture in
                fixture.census.targets[TargetID(2)]?.ready = 2
                fixture.waiting[TargetID(2)]?.running = 1
            } == [])
    }

    @Test func `queues that are missing and messages that were set aside are told of`() {
        #expect(problems { $0.census.targets[TargetID(2)] = nil } == [.queueMissing])
        #expect(
            problems { fixture in
                fixture.census.targets[TargetID(2)] = nil
                fixture.isActive = false
            } == [])
        #expect(problems { $0.census.unrouted.ready = 1 } == [.messagesUnrouted])
        #expect(problems { $0.census.targets[TargetID(1)] = nil } == [.messagesMissing, .queueMissing])
    }

    @Test func `quiet is what stands still`() {
        func isQuiet(isServed: Bool = true, _ change: (inout Fixture) -> Void = { _ in }) -> Bool {
            var fixture = Fixture()
            fixture.census.plans.consumers = isServed ? 1 : 0
            change(&fixture)
            return fixture.reading.isQuiet(since: fixture.reading)
        }
        #expect(isQuiet())
        #expect(!Fixture().reading.isQuiet(since: nil))
        var moved = Fixture()
        moved.pulse = LedgerPulse(owedEvents: 0, owedDeadLetters: 0, activity: 2)
        #expect(!moved.reading.isQuiet(since: Fixture().reading))
        #expect(!isQuiet(isServed: false) { $0.waiting[TargetID(1)]?.recent = 1 })
        let busy: [(inout Fixture) -> Void] = [
            { $0.waiting[TargetID(1)]?.running = 1 }, { $0.waiting[TargetID(1)]?.unconfirmed = 1 },
            { $0.pulse = LedgerPulse(owedEvents: 1, owedDeadLetters: 0, activity: 1) },
            { $0.pulse = LedgerPulse(owedEvents: 0, owedDeadLetters: 1, activity: 1) },
        ]
        for change in busy {
            #expect(!isQuiet(change))
            // Nobody works on it: what was left behind stands still.
            #expect(isQuiet(isServed: false, change))
        }
        // What a disabled target owes is not on its way.
        #expect(
            isQuiet { fixture in
                fixture.waiting[TargetID(1)]?.unconfirmed = 1
                fixture.isActive = false
            })
    }

    @Test func `a report holds without violations, and says where it did not look`() {
        let report = ConservationReport(
            checkedAt: Sample.now, ledger: LedgerAudit(), messages: nil, isQuiet: false, brokerObstacle: "it is down")
        #expect(report.holds)
        #expect(report.findings.warnings.first?.subjects == ["it is down"])
        let json = report.json.objectValue
        #expect(json?["holds"] == true)
        #expect(json?["broker"] == .null)
        #expect(json?["violations"] == .array([]))
        var fixture = Fixture()
        fixture.census.ladder = 0
        let damaged = ConservationReport(
            checkedAt: Sample.now, ledger: LedgerAudit(), messages: fixture.reading, isQuiet: true,
            brokerObstacle: nil)
        #expect(!damaged.holds)
        let violation = damaged.json.objectValue?["violations"]?.arrayValue?.first?.objectValue
        #expect(violation?["code"] == "DELAYED_MESSAGES_MISSING")
        #expect(violation?["count"] == 1)
        let broker = damaged.json.objectValue?["broker"]?.objectValue
        #expect(broker?["quiet"] == true)
        #expect(broker?["delayed"]?.objectValue?["expected"] == 2)
        #expect(broker?["targets"]?.arrayValue?.first?.objectValue?["due"] == 2)
    }
}

import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Trouble with the ledger")
struct LedgerTroubleTests {
    private let full = LedgerError(kind: .unavailable, message: "full", obstacle: .full)
    private let locked = LedgerError(kind: .unavailable, message: "locked", obstacle: .locked)

    private func after(_ milliseconds: Int64) -> Timestamp { Sample.now.adding(milliseconds: milliseconds) }

    @Test func `one of those who wait leads, and the next one when it leaves`() {
        var trouble = LedgerTrouble()
        _ = trouble.failed(full, at: after(0))
        let first = trouble.enter(.intake, at: after(0))
        let second = trouble.enter(.upkeep, at: after(1))
        let third = trouble.enter(.outcome, at: after(2))
        #expect([first.word, second.word, third.word] == [.lead, nil, nil])
        #expect(trouble.isLed(by: first.id))
        let behindFollower = trouble.left(second.id).leader
        #expect(behindFollower == nil)
        let behindLeader = trouble.left(first.id).leader
        #expect(behindLeader == third.id)
        #expect(trouble.isLed(by: third.id))
    }

    @Test func `outcomes are written first, then all else, and then it is well`() {
        var trouble = LedgerTrouble()
        _ = trouble.failed(full, at: after(0))
        let intake = trouble.enter(.intake, at: after(0)).id
        let outcomes = [trouble.enter(.outcome, at: after(1)).id, trouble.enter(.outcome, at: after(2)).id]
        let proved = trouble.proved(at: after(9))
        #expect(proved.go == outcomes)
        #expect(proved.news == nil)
        // Whoever comes now stands behind those who wait.
        let late = trouble.enter(.upkeep, at: after(10))
        #expect(late.word == nil)
        let behindFirst = trouble.left(outcomes[0]).go
        #expect(behindFirst == [])
        let behindLast = trouble.left(outcomes[1]).go
        #expect(behindLast == [intake, late.id])
        #expect(trouble.standing == .recovering)
        let newcomer = trouble.enter(.upkeep, at: after(11)).word
        #expect(newcomer == .go)
        let inBetween = trouble.left(intake).news
        #expect(inBetween == nil)
        let failure = LedgerTrouble.Failure(obstacle: .full, message: "full", since: after(0))
        let atLast = trouble.left(late.id).news
        #expect(atLast == .ended(failure, failedWrites: 1))
        #expect(trouble.standing == .well)
    }

    @Test func `where nobody waits it is well once it is proved`() {
        var trouble = LedgerTrouble()
        _ = trouble.failed(full, at: after(0))
        let leader = trouble.enter(.upkeep, at: after(0)).id
        _ = trouble.left(leader)
        let failure = LedgerTrouble.Failure(obstacle: .full, message: "full", since: after(0))
        let news = trouble.proved(at: after(5)).news
        #expect(news == .ended(failure, failedWrites: 1))
        #expect(trouble.failure == nil)
    }

    @Test func `a write that fails after the proof is no news, and the rest goes on waiting`() {
        var trouble = LedgerTrouble()
        _ = trouble.failed(full, at: after(0))
        let outcome = trouble.enter(.outcome, at: after(0)).id
        let intake = trouble.enter(.intake, at: after(1)).id
        let first = trouble.proved(at: after(2)).go
        #expect(first == [outcome])
        let news = trouble.failed(full, at: after(3))
        #expect(news == nil)
        let left = trouble.left(outcome)
        #expect(left.go == [])
        #expect(left.leader == intake)
        #expect(trouble.standing == .failing)
    }

    @Test func `another cause is told of, the same one once, and once that it lasts`() {
        var trouble = LedgerTrouble()
        let began = LedgerTrouble.Failure(obstacle: .full, message: "full", since: after(0))
        let first = trouble.failed(full, at: after(0))
        #expect(first == .began(began))
        let same = trouble.failed(full, at: after(1))
        #expect(same == nil)
        let changed = LedgerTrouble.Failure(obstacle: .locked, message: "locked", since: after(0))
        let other = trouble.failed(locked, at: after(2))
        #expect(other == .changed(changed))
        let tooEarly = trouble.failed(locked, at: after(9_999))
        #expect(tooEarly == nil)
        let lasting = trouble.failed(locked, at: after(10_000))
        #expect(lasting == .lasting)
        let later = trouble.failed(locked, at: after(20_000))
        #expect(later == nil)
    }

    @Test func `what came in goes back after ten minutes; what has happened waits for as long as it takes`() {
        var trouble = LedgerTrouble()
        _ = trouble.failed(full, at: after(0))
        let intake = trouble.enter(.intake, at: after(0)).id
        let upkeep = trouble.enter(.upkeep, at: after(0)).id
        _ = trouble.enter(.outcome, at: after(0))
        let tooEarly = trouble.overdue(at: after(599_999)).dismissed
        #expect(tooEarly == [])
        let overdue = trouble.overdue(at: after(600_000))
        #expect(overdue.dismissed == [intake])
        #expect(overdue.leader == upkeep)
        let others = trouble.overdue(at: after(6_000_000)).dismissed
        #expect(others == [])
    }

    @Test func `once the service stops, only outcomes wait`() {
        var trouble = LedgerTrouble()
        _ = trouble.failed(full, at: after(0))
        let upkeep = trouble.enter(.upkeep, at: after(0)).id
        let outcome = trouble.enter(.outcome, at: after(0)).id
        let closing = trouble.close()
        #expect(closing.dismissed == [upkeep])
        #expect(closing.leader == outcome)
        let newIntake = trouble.enter(.intake, at: after(1)).word
        #expect(newIntake == .dismiss)
        let newOutcome = trouble.enter(.outcome, at: after(1)).word
        #expect(newOutcome == nil)
    }
}

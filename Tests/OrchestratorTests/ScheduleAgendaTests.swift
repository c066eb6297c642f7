import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("The agenda of scheduled jobs")
struct ScheduleAgendaTests {
    private func moment(_ milliseconds: Int64) -> Timestamp { Sample.now.adding(milliseconds: milliseconds) }

    /// Has looked at everything due by now, and knows what is next.
    private static func settled(next: Timestamp?, at now: Timestamp = Sample.now) -> Agenda {
        let agenda = Agenda()
        #expect(agenda.step(at: now) == .handOut(isAnew: false))
        #expect(agenda.read(by: now) == .start)
        #expect(agenda.exhausted(by: now) == now)
        agenda.found(next)
        return agenda
    }

    @Test func `it rests until what is next, and then hands out from behind what it has seen`() {
        let agenda = Self.settled(next: moment(500))
        #expect(agenda.step(at: moment(499)) == .rest(until: moment(500)))
        #expect(agenda.step(at: moment(500)) == .handOut(isAnew: false))
        #expect(agenda.read(by: moment(500)) == SchedulePosition(behind: Sample.now))
        let last = SchedulePosition(dueAt: moment(500), jobID: JobID(7))
        agenda.handedOut(through: last)
        #expect(agenda.read(by: moment(501)) == last)
        #expect(agenda.exhausted(by: moment(501)) == moment(501))
        agenda.found(nil)
        #expect(agenda.step(at: moment(900)) == .rest(until: nil))
    }

    @Test func `what is announced for an earlier time wakes it, and for a later one does not`() {
        let agenda = Self.settled(next: moment(500))
        #expect(!agenda.announce(moment(500)))
        #expect(!agenda.announce(moment(501)))
        #expect(agenda.announce(moment(100)))
        #expect(agenda.step(at: moment(50)) == .rest(until: moment(100)))
        let idle = Self.settled(next: nil)
        #expect(idle.announce(moment(100)))
        #expect(idle.step(at: moment(50)) == .rest(until: moment(100)))
    }

    @Test func `what is announced while the next time is looked up is not forgotten`() {
        let agenda = Self.settled(next: moment(10))
        #expect(agenda.read(by: moment(10)) != nil)
        _ = agenda.exhausted(by: moment(10))
        // The ledger was read before this one was in it.
        #expect(!agenda.announce(moment(80)))
        #expect(!agenda.announce(moment(70)))
        agenda.found(moment(90))
        #expect(agenda.step(at: moment(20)) == .rest(until: moment(70)))
        _ = agenda.exhausted(by: moment(20))
        #expect(!agenda.announce(moment(80)))
        agenda.found(nil)
        #expect(agenda.step(at: moment(20)) == .rest(until: moment(80)))
    }

    @Test func `what is accepted for a time that it has passed makes it begin anew from there`() {
        let agenda = Self.settled(next: moment(900), at: moment(500))
        #expect(agenda.announce(moment(400)))
        #expect(agenda.announce(moment(300)))
        #expect(agenda.announce(moment(450)))
        #expect(agenda.read(by: moment(500)) == nil, "what is under way ends first")
        #expect(agenda.step(at: moment(500)) == .handOut(isAnew: true))
        #expect(agenda.read(by: moment(500)) == SchedulePosition(before: moment(300)))
    }

    @Test func `a clock that is set back hides nothing`() {
        let agenda = Self.settled(next: moment(90_000), at: moment(60_000))
        // It is ten seconds past now, and a plan comes for in ten seconds.
        #expect(agenda.step(at: moment(10_000)) == .rest(until: moment(90_000)))
        #expect(agenda.announce(moment(20_000)))
        #expect(agenda.step(at: moment(10_000)) == .handOut(isAnew: true))
        #expect(agenda.read(by: moment(10_000)) == SchedulePosition(before: moment(20_000)))
        #expect(agenda.exhausted(by: moment(10_000)) == moment(19_999))
        agenda.found(moment(20_000))
        #expect(agenda.step(at: moment(10_000)) == .rest(until: moment(20_000)))
    }

    @Test func `what the broker did not take is tried again once it may be, from the beginning`() {
        let agenda = Self.settled(next: moment(100))
        #expect(agenda.step(at: moment(100)) == .handOut(isAnew: false))
        #expect(agenda.read(by: moment(100)) != nil)
        agenda.handedOut(through: SchedulePosition(dueAt: moment(100), jobID: JobID(3)))
        agenda.stall()
        #expect(agenda.step(at: moment(200)) == .rest(until: nil))
        agenda.beginAnew()
        #expect(agenda.step(at: moment(200)) == .handOut(isAnew: true))
        #expect(agenda.read(by: moment(200)) == .start)
    }

    @Test func `a word to begin anew that comes before the failure is told counts`() {
        let agenda = Self.settled(next: moment(100))
        _ = agenda.step(at: moment(100))
        _ = agenda.read(by: moment(100))
        agenda.beginAnew()
        agenda.stall()
        #expect(agenda.step(at: moment(100)) == .handOut(isAnew: true))
        #expect(agenda.step(at: moment(100)) == .handOut(isAnew: false))
    }
}

/// The agenda, whose steps can be told of within an expectation.
private final class Agenda {
    private var agenda = ScheduleAgenda()

    func announce(_ time: Timestamp) -> Bool { agenda.announce(time) }
    func beginAnew() { agenda.beginAnew() }
    func step(at now: Timestamp) -> ScheduleAgenda.Step { agenda.step(at: now) }
    func read(by now: Timestamp) -> SchedulePosition? { agenda.read(by: now) }
    func handedOut(through last: SchedulePosition) { agenda.handedOut(through: last) }
    func exhausted(by moment: Timestamp) -> Timestamp { agenda.exhausted(by: moment) }
    func found(_ time: Timestamp?) { agenda.found(time) }
    func stall() { agenda.stall() }
}

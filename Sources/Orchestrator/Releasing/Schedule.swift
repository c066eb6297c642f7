import Distribution
import Synchronization

/// The agenda of scheduled jobs, which many write in and one follows, and the bell that wakes the one.
final class Schedule: Sendable {
    private struct State {
        var agenda = ScheduleAgenda()
        var bell: AsyncStream<Void>.Continuation?
        /// The bell rang while nobody slept.
        var hasRung = false
    }

    private let time: any TimeSource
    /// Milliseconds after which a sleeper looks at the clock again, which somebody may have set.
    private let clockCheck: Int64
    private let state = Mutex(State())

    init(time: any TimeSource, clockCheckMilliseconds: Int64) {
        self.time = time
        clockCheck = clockCheckMilliseconds
    }

    /// Jobs for a time were accepted into the ledger.
    func announce(_ time: Timestamp) {
        state.withLock { state in
            if state.agenda.announce(time) { Self.ring(&state) }
        }
    }

    /// Anything may be owed again, whenever it was due.
    func beginAnew() {
        state.withLock { state in
            state.agenda.beginAnew()
            Self.ring(&state)
        }
    }

    func decide<Value: Sendable>(_ body: (inout ScheduleAgenda) -> Value) -> Value {
        state.withLock { body(&$0.agenda) }
    }

    /// Sleeps until the moment, a ring of the bell, or cancellation; without a moment until one of the others.
    func rest(until moment: Timestamp?) async {
        // A stream of its own each time: one whose reader was cancelled never speaks again.
        let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let hasRung = state.withLock { state in
            defer { state.hasRung = false }
            if !state.hasRung { state.bell = bell }
            return state.hasRung
        }
        guard !hasRung else { return }
        await withTaskGroup(of: Void.self) { race in
            race.addTask { for await _ in rings { return } }
            if let moment { race.addTask { await self.sleep(until: moment) } }
            await race.next()
            race.cancelAll()
        }
        state.withLock { $0.bell = nil }
    }

    /// By the clock of the day, even where that is set forward meanwhile.
    private func sleep(until moment: Timestamp) async {
        while true {
            let now = time.now()
            guard now < moment else { return }
            do {
                try await time.sleep(until: min(moment, now.adding(milliseconds: clockCheck)))
            } catch {
                return
            }
        }
    }

    private static func ring(_ state: inout State) {
        if let bell = state.bell { bell.yield() } else { state.hasRung = true }
    }
}

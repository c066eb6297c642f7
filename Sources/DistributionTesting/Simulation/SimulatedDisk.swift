import Distribution
import Synchronization

/// What survives the process: the committed rows, and how much of them a power cut would leave.
package final class SimulatedDisk: Sendable {
    /// How a process ended.
    package enum Ending: Sendable, Hashable {
        /// Everything that was committed is there.
        case processDied
        /// What was committed without being forced to disk may be gone, the newest first.
        case powerCut
    }

    /// One event that was owed at some time.
    package struct EventRecord: Sendable, Hashable {
        package let place: Int64
        package let id: String
    }

    /// The rows, and what retention has taken from them until then.
    private struct Contents {
        var tables = InMemoryTables()
        var takes: [RetentionTake] = []
    }

    private struct State {
        var contents = Contents()
        /// What a power cut would leave at least, then every commit since.
        var sinceForced = [Contents()]
        /// A commit that was reported as failed, but whose bytes are in the log all the same; it comes to light where the
        /// process ends before it writes anything else.
        var torn: Commit?
        var events: [EventRecord] = []
        var commits = 0
        /// Moments at which the disk lost what the process had been told is committed.
        var losses = 0
        var outage: Outage?
    }

    package enum Outage: Sendable, Hashable {
        case writes
        case all
    }

    struct Commit: Sendable {
        let tables: InMemoryTables
        let events: [OwedEvent]
        let takes: [RetentionTake]
        let isForced: Bool
    }

    private let state = Mutex(State())

    package init() {}

    /// The rows as the last commit left them.
    package var tables: InMemoryTables { state.withLock { $0.contents.tables } }
    /// What retention has taken, and no power cut has brought back.
    package var takes: [RetentionTake] { state.withLock { $0.contents.takes } }
    /// Every event that was ever owed and is not lost, in order.
    package var events: [EventRecord] { state.withLock { $0.events } }
    package var commits: Int { state.withLock { $0.commits } }
    /// How often a power cut has taken commits away.
    package var losses: Int { state.withLock { $0.losses } }

    package var outage: Outage? {
        get { state.withLock { $0.outage } }
        set { state.withLock { $0.outage = newValue } }
    }

    func commit(_ commit: Commit) {
        state.withLock { Self.apply(commit, to: &$0) }
    }

    func tear(_ commit: Commit) {
        state.withLock { $0.torn = commit }
    }

    /// Leaves what the next process finds.
    ///
    /// - Returns: The rows before it has found them.
    package func end(_ ending: Ending, chance: SeededRandomness) -> InMemoryTables {
        state.withLock { state in
            if let torn = state.torn, chance.happens(perMille: 500) { Self.apply(torn, to: &state) }
            state.torn = nil
            if ending == .powerCut {
                let survivor = chance.below(state.sinceForced.count)
                if survivor < state.sinceForced.count - 1 { state.losses += 1 }
                state.contents = state.sinceForced[survivor]
                let last = state.contents.tables.lastPlace
                state.events.removeAll { $0.place > last }
            }
            let left = state.contents.tables
            state.contents.tables = left.nextIncarnation()
            state.sinceForced = [state.contents]
            return left
        }
    }

    private static func apply(_ commit: Commit, to state: inout State) {
        state.commits += 1
        state.torn = nil
        state.contents.tables = commit.tables
        // They are copied where a power cut may bring the former ones back.
        if !commit.takes.isEmpty { state.contents.takes += commit.takes }
        state.events += commit.events.map { EventRecord(place: $0.place, id: $0.event.id) }
        if commit.isForced { state.sinceForced = [] }
        state.sinceForced.append(state.contents)
    }
}

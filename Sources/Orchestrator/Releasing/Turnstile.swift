import Distribution
import Synchronization

/// Where many wait until there is room for more.
final class Turnstile: Sendable {
    private struct State {
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var last = 0
        var isOpen = false
    }

    private let state = Mutex(State())

    /// Returns once others are let through, when there is room already, at `deadline`, or when cancelled.
    func pass(until deadline: Timestamp, _ time: any TimeSource, unless isFree: () -> Bool) async {
        let (turns, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id: Int? = state.withLock { state in
            guard !state.isOpen else { return nil }
            state.last += 1
            state.waiters[state.last] = continuation
            return state.last
        }
        guard let id else { return }
        defer { state.withLock { _ = $0.waiters.removeValue(forKey: id) } }
        // There may be room since before this one stood in line.
        guard !isFree() else { return }
        await withTaskGroup(of: Void.self) { race in
            race.addTask { for await _ in turns { return } }
            race.addTask { try? await time.sleep(until: deadline) }
            await race.next()
            race.cancelAll()
        }
    }

    /// Lets all go on who wait now.
    func letThrough() {
        state.withLock { state in
            guard !state.waiters.isEmpty else { return }
            for id in state.waiters.keys.sorted() { state.waiters[id]?.yield() }
        }
    }

    /// Lets everybody go on from now on.
    func open() {
        state.withLock { $0.isOpen = true }
        letThrough()
    }
}

import Synchronization

/// What happened in one simulated world: a hash that tells two runs apart, and the last lines for people where they are
/// wanted.
package final class SimulationTrace: Sendable {
    private struct State {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var lines: [String] = []
        var dropped = 0
    }

    private let lineLimit: Int
    private let state = Mutex(State())

    /// - Parameter lineLimit: Lines that are kept at most, the newest; 0 composes none, which costs next to nothing.
    package init(lineLimit: Int = 0) {
        self.lineLimit = lineLimit
    }

    package var hash: UInt64 { state.withLock { $0.hash } }

    /// The newest lines, after a word on how many are missing.
    package var lines: [String] {
        state.withLock { state in
            state.dropped > 0 ? ["… \(state.dropped) lines before"] + state.lines : state.lines
        }
    }

    /// Mixes a number into the hash (FNV-1a by words).
    package func mix(_ number: Int64) {
        state.withLock { $0.hash = ($0.hash ^ UInt64(bitPattern: number)) &* 0x0000_0100_0000_01B3 }
    }

    /// Notes an event; `line` is composed only where lines are kept.
    package func note(_ number: Int64, _ line: @autoclosure () -> String) {
        mix(number)
        tell(line())
    }

    /// Keeps a line that is no event of its own; the hash is the same whether or not anybody wants to read it.
    package func tell(_ line: @autoclosure () -> String) {
        guard lineLimit > 0 else { return }
        let text = line()
        state.withLock { state in
            state.lines.append(text)
            guard state.lines.count > 2 * lineLimit else { return }
            state.dropped += state.lines.count - lineLimit
            state.lines.removeFirst(state.lines.count - lineLimit)
        }
    }
}

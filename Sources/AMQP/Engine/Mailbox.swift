internal import Synchronization

/// Hands values from any thread to the event loop with one wake-up for many.
///
/// The wake-up runs only when a value arrives in an empty mailbox; the receiver then takes all there is.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State: Sendable {
        var elements: [Element] = []
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Adds a value, and wakes the receiver if it may be asleep.
    func post(_ element: Element) {
        let wake = state.withLock { state in
            state.elements.append(element)
            return state.elements.count == 1 ? state.wake : nil
        }
        wake?()
    }

    /// Takes all values in the order of their arrival.
    func takeAll() -> [Element] {
        state.withLock { state in
            var taken: [Element] = []
            swap(&taken, &state.elements)
            return taken
        }
    }

    /// Says whom to wake from now on, and wakes them if something waits already; nil for nobody.
    func connect(_ wake: (@Sendable () -> Void)?) {
        let isWaiting = state.withLock { state in
            state.wake = wake
            return !state.elements.isEmpty
        }
        if isWaiting { wake?() }
    }
}

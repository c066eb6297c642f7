internal import Synchronization

/// Hands values from any thread to the event loop with one wake-up for many.
///
/// The wake-up runs only when a value arrives in an empty mailbox; the receiver then takes all there is.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State: Sendable {
        var elements: [Element] = []
        var isOpen: Bool
        var wake: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(isOpen: Bool) {
        state = Mutex(State(isOpen: isOpen))
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Whether somebody is woken by new values.
    var isConnected: Bool { state.withLock { $0.wake != nil } }

    /// Adds a value and wakes the receiver if it may be asleep; false, and nothing added, if the mailbox is shut.
    @discardableResult
    func post(_ element: Element) -> Bool {
        let (isTaken, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard state.isOpen else { return (false, nil) }
            state.elements.append(element)
            return (true, state.elements.count == 1 ? state.wake : nil)
        }
        wake?()
        return isTaken
    }

    /// Takes all values in the order of their arrival.
    func takeAll() -> [Element] {
        state.withLock { state in
            var taken: [Element] = []
            swap(&taken, &state.elements)
            return taken
        }
    }

    /// Takes values from now on; they wait until a receiver is connected.
    func open() {
        state.withLock { $0.isOpen = true }
    }

    /// Takes no more values, forgets the receiver, and returns what it had not taken.
    @discardableResult
    func shut() -> [Element] {
        state.withLock { state in
            let rest = state.elements
            state = State(isOpen: false)
            return rest
        }
    }

    /// Says whom to wake from now on, and wakes them if something waits already.
    func connect(_ wake: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLock { state in
            state.wake = wake
            return !state.elements.isEmpty
        }
        if isWaiting { wake() }
    }

    /// Values wait until the next receiver is connected.
    func disconnect() {
        state.withLock { $0.wake = nil }
    }
}

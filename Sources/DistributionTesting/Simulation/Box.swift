import Synchronization

/// A value that is set later.
final class Box<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func set(_ new: Value) {
        value.withLock { $0 = new }
    }

    func get() -> Value? {
        value.withLock { $0 }
    }
}

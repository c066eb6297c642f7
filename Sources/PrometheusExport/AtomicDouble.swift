import Synchronization

/// A number that many tasks may change without a lock.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double {
        Double(bitPattern: bits.load(ordering: .relaxed))
    }

    func store(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    func add(_ amount: Double) {
        var known = bits.load(ordering: .relaxed)
        while true {
            let desired = (Double(bitPattern: known) + amount).bitPattern
            let (exchanged, original) = bits.compareExchange(
                expected: known, desired: desired, ordering: .relaxed)
            if exchanged { return }
            known = original
        }
    }
}

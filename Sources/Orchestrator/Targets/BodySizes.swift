import Distribution

/// How large the bodies of one target's jobs are, as far as was seen lately: what decides how many may be in hand.
///
/// A larger estimate holds at once, since the next messages may be as large; a smaller one is gone over to when many
/// bodies have said so, a minute after the last change at the earliest: each change may cost a consumer.
struct BodySizes: Sendable, Hashable {
    struct Estimate: Sendable, Hashable {
        /// The arithmetic mean, in bytes.
        var mean: Int
        var largest: Int

        /// Whether one is twice as large as the other in any way.
        fileprivate func differs(from other: Estimate) -> Bool {
            mean >= 2 * other.mean || other.mean >= 2 * mean || largest >= 2 * other.largest
                || other.largest >= 2 * largest
        }
    }

    /// So many bodies that came one after another.
    private struct Window: Sendable, Hashable {
        var count = 0
        var sum = 0
        var largest = 0

        mutating func note(_ bytes: Int) {
            count += 1
            sum += bytes
            largest = max(largest, bytes)
        }
    }

    static let windowSize = 64
    /// Bytes that count for any body, however small it is: below it, the number of messages bounds them well enough.
    static let floor = 4_096
    /// Milliseconds between any change and one to a smaller estimate.
    static let patience: Int64 = 60_000

    /// What is reckoned with.
    private(set) var estimate = Estimate(mean: floor, largest: floor)
    private var changedAt: Timestamp?
    private var current = Window()
    private var previous = Window()

    /// Notes a body that is to come, or has come.
    ///
    /// - Returns: Whether the estimate has changed.
    mutating func note(_ bytes: Int, at now: Timestamp) -> Bool {
        current.note(max(bytes, Self.floor))
        let isFull = current.count >= Self.windowSize
        let fresh = Estimate(
            mean: (current.sum + previous.sum) / (current.count + previous.count),
            largest: max(current.largest, previous.largest))
        if isFull { (previous, current) = (current, Window()) }
        guard fresh.differs(from: estimate) else { return false }
        let isLarger = fresh.mean >= 2 * estimate.mean || fresh.largest >= 2 * estimate.largest
        guard isLarger || isFull && mayShrink(at: now) else { return false }
        estimate = fresh
        changedAt = now
        return true
    }

    private func mayShrink(at now: Timestamp) -> Bool {
        changedAt.map { now.milliseconds(since: $0) >= Self.patience } ?? true
    }
}

/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Milliseconds are the resolution of the contract; everything that is stored, sent or compared is cut to it once, so
/// that a value read back equals the value written.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.milliseconds < rhs.milliseconds }

    package func adding(milliseconds delta: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + delta)
    }

    /// Milliseconds from `earlier` to this moment; negative where `earlier` is later.
    package func milliseconds(since earlier: Timestamp) -> Int64 {
        milliseconds - earlier.milliseconds
    }
}

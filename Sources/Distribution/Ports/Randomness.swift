/// Where chance comes from, so that a test can replay it. The real one is fit for identifiers and keys.
package protocol Randomness: Sendable {
    func next() -> UInt64
}

extension Randomness {
    /// A number in 0 ..< 1, in steps of 2⁻⁵³.
    package func unitInterval() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    package func uuid(at time: Timestamp) -> UUIDv7 {
        UUIDv7(time: time, random: (next(), next()))
    }
}

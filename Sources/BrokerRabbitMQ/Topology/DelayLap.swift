internal import AMQP

/// One way through the delay ladder.
package struct DelayLap: Sendable, Hashable {
    /// The delay in units, at least 1; its bits are the levels at which the message waits.
    package let steps: UInt32

    /// Where it enters: the highest set bit.
    package var entryLevel: Int { UInt32.bitWidth - 1 - steps.leadingZeroBitCount }

    /// Whether the message waits at that level.
    package func waits(atLevel level: Int) -> Bool { steps >> UInt32(level) & 1 == 1 }

    /// Appends `d0` to `d<levels − 1>`, all of them, so that nothing of an earlier lap remains.
    func appendHeaders(to headers: inout FieldTable, levels: Int) {
        for level in 0..<levels {
            headers[Self.headerNames[level]] = waits(atLevel: level) ? Self.wait : Self.pass
        }
    }

    static let headerNames = (0..<UInt32.bitWidth).map { "d\($0)" }
    static let wait = FieldValue.string("1")
    static let pass = FieldValue.string("0")
}

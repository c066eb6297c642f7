internal import NIOCore

/// Which deliveries of one opening of a channel are not settled yet, and how to settle many with few frames.
///
/// The broker closes the channel with 406 on an ack whose tag it does not hold unacked, even one that says "and all
/// before it". So that kind of ack always bears a tag that is being acked for the first time.
struct AckRing {
    /// The tag of the first element of `unsettled`; everything below is settled.
    private var firstTag: UInt64 = 1
    private var unsettled = CircularBuffer<Bool>()

    /// Records a delivery. Tags grow by one on a channel; one that was skipped counts as settled.
    mutating func delivered(_ tag: UInt64, needsSettlement: Bool) {
        while firstTag + UInt64(unsettled.count) < tag { unsettled.append(false) }
        guard firstTag + UInt64(unsettled.count) == tag else { return }
        unsettled.append(needsSettlement)
        if !needsSettlement { dropSettledPrefix() }
    }

    /// Settles what is unsettled of these, and returns the frames that say so, in the order to send them.
    mutating func settle(_ settlements: [TaggedSettlement]) -> [OutgoingMethod] {
        var frames: [OutgoingMethod] = []
        var acked: [UInt64] = []
        for settlement in settlements where markSettled(settlement.tag) {
            switch settlement.settlement {
            case .ack: acked.append(settlement.tag)
            // Before the acks: one that covers "all before it" must not cover a rejected delivery.
            case .reject(let requeue): frames.append(.nack(tag: settlement.tag, requeue: requeue))
            }
        }
        dropSettledPrefix()
        var covered = 0
        var highestCovered: UInt64 = 0
        for tag in acked where tag < firstTag {
            covered += 1
            highestCovered = max(highestCovered, tag)
        }
        if covered > 0 { frames.append(.ack(tag: highestCovered, multiple: covered > 1)) }
        if covered < acked.count {
            for tag in acked where tag >= firstTag { frames.append(.ack(tag: tag, multiple: false)) }
        }
        return frames
    }

    private mutating func markSettled(_ tag: UInt64) -> Bool {
        guard tag >= firstTag, tag - firstTag < UInt64(unsettled.count) else { return false }
        let index = unsettled.index(unsettled.startIndex, offsetBy: Int(tag - firstTag))
        guard unsettled[index] else { return false }
        unsettled[index] = false
        return true
    }

    private mutating func dropSettledPrefix() {
        while unsettled.first == false {
            unsettled.removeFirst()
            firstTag += 1
        }
    }
}

import Testing

@testable import AMQP

@Suite("Acks")
struct AckRingTests {
    @Test func `a run of acks becomes one frame`() {
        var ring = AckRing()
        for tag in 1...5 { ring.delivered(UInt64(tag), needsSettlement: true) }
        #expect(ring.settle([2, 1, 3].map { .ack($0) }) == [.ack(tag: 3, multiple: true)])
        #expect(ring.settle([.ack(4)]) == [.ack(tag: 4, multiple: false)])
    }

    @Test func `what is behind a gap is acked singly, and the gap's end covers only itself`() {
        var ring = AckRing()
        for tag in 1...4 { ring.delivered(UInt64(tag), needsSettlement: true) }
        #expect(
            ring.settle([.ack(2), .ack(4)]) == [.ack(tag: 2, multiple: false), .ack(tag: 4, multiple: false)])
        #expect(ring.settle([.ack(1)]) == [.ack(tag: 1, multiple: false)])
        #expect(ring.settle([.ack(3)]) == [.ack(tag: 3, multiple: false)])
    }

    @Test func `rejections go before the acks that reach over them`() {
        var ring = AckRing()
        for tag in 1...3 { ring.delivered(UInt64(tag), needsSettlement: true) }
        #expect(
            ring.settle([.ack(1), .ack(3), .reject(2, requeue: true)])
                == [.nack(tag: 2, requeue: true), .ack(tag: 3, multiple: true)])
    }

    @Test func `settling twice, or what was never delivered, sends nothing`() {
        var ring = AckRing()
        ring.delivered(1, needsSettlement: true)
        #expect(ring.settle([.ack(1), .ack(1), .ack(7), .ack(0)]) == [.ack(tag: 1, multiple: false)])
        #expect(ring.settle([.reject(1, requeue: false)]).isEmpty)
    }

    @Test func `deliveries that need no ack are stepped over`() {
        var ring = AckRing()
        ring.delivered(1, needsSettlement: false)
        ring.delivered(2, needsSettlement: true)
        ring.delivered(3, needsSettlement: false)
        #expect(ring.settle([.ack(1), .ack(3)]).isEmpty)
        #expect(ring.settle([.ack(2)]) == [.ack(tag: 2, multiple: false)])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a broker's bookkeeping agrees for any order of settlement`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var ring = AckRing()
        var broker = BrokerBookkeeping()
        var open: [UInt64] = []
        var next: UInt64 = 1
        for _ in 0..<200 {
            for _ in 0..<Int.random(in: 0..<8, using: &random) {
                ring.delivered(next, needsSettlement: true)
                broker.unacked.insert(next)
                open.append(next)
                next += 1
            }
            open.shuffle(using: &random)
            let chosen = open.prefix(Int.random(in: 0...open.count, using: &random))
            open.removeFirst(chosen.count)
            let batch = chosen.map { tag -> TaggedSettlement in
                Int.random(in: 0..<5, using: &random) == 0 ? .reject(tag, requeue: true) : .ack(tag)
            }
            for frame in ring.settle(batch) { broker.receive(frame) }
            for settlement in batch {
                #expect(broker.outcomes[settlement.tag] == settlement.settlement)
            }
            #expect(broker.unacked == Set(open))
            #expect(broker.unknownTags.isEmpty)
        }
    }
}

/// What RabbitMQ does with settlements.
private struct BrokerBookkeeping {
    var unacked: Set<UInt64> = []
    var outcomes: [UInt64: Settlement] = [:]
    /// Each would have closed the channel with 406.
    var unknownTags: [UInt64] = []

    mutating func receive(_ frame: OutgoingMethod) {
        switch frame {
        case .ack(let tag, let multiple):
            guard unacked.contains(tag) else { return unknownTags.append(tag) }
            for covered in unacked where covered == tag || (multiple && covered < tag) {
                unacked.remove(covered)
                outcomes[covered] = .ack
            }
        case .nack(let tag, let requeue):
            guard unacked.remove(tag) != nil else { return unknownTags.append(tag) }
            outcomes[tag] = .reject(requeue: requeue)
        default: Issue.record("\(frame) does not settle anything")
        }
    }
}

extension TaggedSettlement {
    fileprivate static func ack(_ tag: UInt64) -> Self { .init(tag: tag, settlement: .ack) }
    fileprivate static func reject(_ tag: UInt64, requeue: Bool) -> Self {
        .init(tag: tag, settlement: .reject(requeue: requeue))
    }
}

private func == (left: [OutgoingMethod], right: [OutgoingMethod]) -> Bool {
    left.map { String(describing: $0) } == right.map { String(describing: $0) }
}

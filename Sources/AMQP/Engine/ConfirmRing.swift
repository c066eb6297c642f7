internal import NIOCore

/// The published messages of one opening of a channel that wait for their confirms, in the order they were sent.
struct ConfirmRing {
    private struct Entry {
        let batch: PublishBatch
        let index: Int
        let sentAt: NIODeadline
        var returned: PublishResult?
        var message: OutgoingMessage { batch.messages[index] }
    }

    /// The delivery tag of the first element of `entries`; everything below is settled.
    private var firstTag: UInt64 = 1
    /// Nil once settled.
    private var entries = CircularBuffer<Entry?>()
    /// Where the search for the next returned message begins: returns come in the order of sending.
    private var returnCursor: UInt64 = 1

    /// How many messages wait.
    private(set) var count = 0

    /// Records the message that was just sent; the broker counts along from 1.
    mutating func sent(_ batch: PublishBatch, _ index: Int, at now: NIODeadline) {
        entries.append(Entry(batch: batch, index: index, sentAt: now))
        count += 1
    }

    /// Settles one message, or with `multiple` all up to it. A message that was returned before its confirm is
    /// `returned`. Tags that are settled already are ignored.
    ///
    /// - Throws: `protocolViolation` for a tag that was never sent.
    mutating func settle(_ tag: UInt64, multiple: Bool, as result: PublishResult) throws(AMQPError) {
        guard tag < firstTag + UInt64(entries.count) else {
            throw .protocolViolation("a confirm for a message that was never published")
        }
        if multiple {
            while firstTag <= tag { settleFirst(as: result) }
        } else if tag >= firstTag {
            let index = entries.index(entries.startIndex, offsetBy: Int(tag - firstTag))
            if let entry = entries[index] {
                entries[index] = nil
                finish(entry, result)
            }
        }
        dropSettledPrefix()
    }

    /// Remembers that a message came back; its confirm, which is still to come, will settle it.
    mutating func returned(_ head: ReturnMethod, messageID: String?, body: [UInt8]) {
        let result = PublishResult.returned(code: head.code, text: head.text)
        let start = Int(max(returnCursor, firstTag) - firstTag)
        if !mark(in: start..<entries.count, head, messageID, body, result) {
            _ = mark(in: 0..<min(start, entries.count), head, messageID, body, result)
        }
    }

    private mutating func mark(
        in offsets: Range<Int>, _ head: ReturnMethod, _ messageID: String?, _ body: [UInt8], _ result: PublishResult
    ) -> Bool {
        for offset in offsets {
            let index = entries.index(entries.startIndex, offsetBy: offset)
            guard let entry = entries[index], entry.returned == nil else { continue }
            let message = entry.message
            guard message.mandatory, message.routingKey == head.routingKey, message.exchange == head.exchange,
                message.properties.messageID == messageID, message.body == body
            else { continue }
            entries[index]?.returned = result
            returnCursor = firstTag + UInt64(offset) + 1
            return true
        }
        return false
    }

    /// When the message was sent that has waited longest; nil where none waits.
    var oldest: NIODeadline? { entries.first.flatMap(\.self)?.sentAt }

    /// Where the message went that has waited longest.
    var oldestAddress: (exchange: String, routingKey: String)? {
        entries.first.flatMap(\.self).map { ($0.message.exchange, $0.message.routingKey) }
    }

    /// Settles everything at once, because the channel is gone.
    mutating func abandon(_ result: (OutgoingMessage) -> PublishResult = { _ in .lost }) {
        while let entry = entries.popFirst() {
            firstTag += 1
            if let entry { finish(entry, result(entry.message)) }
        }
    }

    private mutating func settleFirst(as result: PublishResult) {
        let entry = entries.removeFirst()
        firstTag += 1
        if let entry { finish(entry, result) }
    }

    private mutating func finish(_ entry: Entry, _ result: PublishResult) {
        count -= 1
        entry.batch.settle(entry.index, entry.returned ?? result)
    }

    private mutating func dropSettledPrefix() {
        while let first = entries.first, first == nil {
            entries.removeFirst()
            firstTag += 1
        }
    }
}

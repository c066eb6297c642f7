internal import CRabbitMQ

/// Names that come with nearly every message and hardly ever change: they are compared instead of allocated anew.
struct RecurringTexts {
    /// The text that was last read in one place.
    struct Text {
        private var last = ""

        mutating func read(_ bytes: amqp_bytes_t) -> String {
            let isSame = last.withUTF8 { known in
                known.elementsEqual(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
            }
            if !isSame { last = String(bytes) }
            return last
        }
    }

    var consumerTag = Text()
    var exchange = Text()
    var contentType = Text()
    var type = Text()
    var userID = Text()
    var appID = Text()
}

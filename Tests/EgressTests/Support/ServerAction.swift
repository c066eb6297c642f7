/// What a test server does next on a connection.
enum ServerAction: Sendable {
    case send(String)
    /// So many bytes of the letter x.
    case sendFiller(Int)
    /// The text again and again until the peer has gone.
    case sendForever(String)
    /// The text so many times.
    case sendTimes(String, Int)
    /// The text every so many milliseconds until the peer has gone.
    case trickle(String, everyMilliseconds: Int)
    /// A FIN, after `close_notify` where there is TLS.
    case close
    /// A FIN beneath TLS.
    case cut
    /// A RST, beneath TLS.
    case reset
    /// No further connection is accepted.
    case stopListening
}

/// When a server acts, and how it answers the n-th request (from 1) of its m-th connection (from 1).
struct ServerScript: Sendable {
    enum Trigger: Sendable {
        /// Right after accepting, before any byte came.
        case connection
        /// After a request's head; the body is never read.
        case head
        /// After a whole request.
        case request
    }

    var trigger = Trigger.request
    var actions: @Sendable (_ request: Int, _ connection: Int) -> [ServerAction]

    init(_ trigger: Trigger = .request, _ actions: @escaping @Sendable (Int, Int) -> [ServerAction]) {
        self.trigger = trigger
        self.actions = actions
    }

    static func always(_ actions: ServerAction...) -> ServerScript { ServerScript { _, _ in actions } }

    static func answering(_ texts: String...) -> ServerScript {
        ServerScript { request, _ in [.send(texts[min(request, texts.count) - 1])] }
    }

    static let ok = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    /// Accepts, reads and never says a word.
    static let silent = always()
}

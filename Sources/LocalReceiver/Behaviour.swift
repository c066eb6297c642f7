/// How the receiver answers a request. "Fails" means an answer with the given status.
package indirect enum Behaviour: Sendable {
    /// 200 with `{"id":"<webhook-id>"}`.
    case accept
    case status(Int, headers: [(String, String)] = [], body: String = "")
    /// The first requests of each delivery (`webhook-id`) fail, later ones are accepted.
    case failFirst(Int, status: Int)
    /// The first requests to the path fail, later ones are accepted.
    case failFirstTotal(Int, status: Int)
    /// Fails with a `Retry-After` of so many seconds.
    case retryAfter(seconds: Int, status: Int)
    /// Accepts so many requests within so many seconds of the first; what is beyond fails with 429 and a `Retry-After`
    /// of as many seconds.
    case quota(Int, seconds: Int)
    /// Waits, then behaves otherwise.
    case delay(milliseconds: Int, then: Behaviour)
    /// Never answers.
    case hang
    /// Sends half of an answer, then resets the connection.
    case resetMidway
    /// Closes the connection instead of answering.
    case closeBeforeAnswer
    /// Resets the connection instead of answering.
    case resetBeforeAnswer
    /// Accepts, then closes the kept-alive connection although it promised not to.
    case closeAfterAnswer
    /// Accepts with a body that comes byte by byte.
    case trickle(milliseconds: Int)
    /// Accepts with a body of so many bytes.
    case large(bytes: Int)
    /// Sends these bytes as they are, then closes.
    case raw([UInt8])
}

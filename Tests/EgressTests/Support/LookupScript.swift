import Dispatch
import NIOCore
import Synchronization

@testable import Egress

/// A resolver's look-up that answers from a script, counts, and can be made to hang.
final class LookupScript: Sendable {
    typealias Answer = @Sendable (_ host: String, _ count: Int) throws(LookupFailure) -> [SocketAddress]

    /// The names asked for, in `heads`.
    let log = ServerLog()
    private let counts = Mutex<[String: Int]>([:])
    private let answer: Answer
    /// Names that begin with `slow` wait here until ``release()``.
    private let gate = DispatchSemaphore(value: 0)

    init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    static func loopback() -> LookupScript {
        LookupScript { _, _ in [try? SocketAddress(ipAddress: "127.0.0.1", port: 0)].compactMap { $0 } }
    }

    var lookup: NameResolver.Lookup {
        { [self] (host) throws(LookupFailure) in
            let count = counts.withLock { counts in
                counts[host, default: 0] += 1
                return counts[host, default: 0]
            }
            log.requested(host)
            if host.hasPrefix("slow") {
                gate.wait()
                gate.signal()
            }
            return try answer(host, count)
        }
    }

    func count(_ host: String) -> Int { counts.withLock { $0[host, default: 0] } }

    /// Lets everybody go who waits, now and later.
    func release() { gate.signal() }
}

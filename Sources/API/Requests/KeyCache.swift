import Distribution
import Sealing
import Synchronization

/// Keys that were valid a moment ago, by the digest of their text, so that not every request asks the ledger.
///
/// Only valid keys are kept, so a key works as soon as it exists; one that was revoked works until its entry has aged.
/// Looking a key up by its digest tells nothing by its timing that would help to guess one.
final class KeyCache: Sendable {
    private struct Entry {
        let key: APIKey
        let since: Timestamp
    }

    private static let capacity = 1_000

    private let lifetimeMilliseconds: Int64
    private let entries = Mutex<[Digest256: Entry]>([:])

    init(lifetimeMilliseconds: Int64) {
        self.lifetimeMilliseconds = lifetimeMilliseconds
    }

    static func digest(_ key: Secret) -> Digest256 {
        SHA256.digest(Array(key.reveal().utf8))
    }

    func key(_ digest: Digest256, now: Timestamp) -> APIKey? {
        entries.withLock { entries in
            guard let entry = entries[digest] else { return nil }
            // A clock that was set back must not lengthen an entry's life.
            guard (0..<lifetimeMilliseconds).contains(now.milliseconds(since: entry.since)) else {
                entries[digest] = nil
                return nil
            }
            return entry.key
        }
    }

    func keep(_ key: APIKey, _ digest: Digest256, now: Timestamp) {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[digest] = Entry(key: key, since: now)
        }
    }
}

internal import NIOCore

/// A connection's place among the idle ones.
struct IdleLinks {
    var since = NIODeadline.uptimeNanoseconds(0)
    var isLinked = false
    unowned(safe) var previous: Connection?
    var next: Connection?
}

/// The connections that wait for their next request: by key the latest first, over all keys the oldest first.
///
/// An intrusive list and small arrays make every operation cheap with thousands of hosts, a mass close included.
struct IdleConnections {
    private(set) var count = 0
    private let perKey: Int
    private var byKey: [PoolKey: [Connection]] = [:]
    private var oldest: Connection?
    private var newest: Connection?

    init(perKey: Int) {
        self.perKey = max(perKey, 1)
    }

    /// Adds the connection as the newest; returns the one that has to leave because its key has too many.
    mutating func insert(_ connection: Connection, at now: NIODeadline) -> Connection? {
        var surplus: Connection?
        if let first = byKey[connection.key]?.first, byKey[connection.key]?.count ?? 0 >= perKey {
            remove(first)
            surplus = first
        }
        byKey[connection.key, default: []].append(connection)
        connection.idleLinks = IdleLinks(since: now, isLinked: true, previous: newest, next: nil)
        newest?.idleLinks.next = connection
        newest = connection
        if oldest == nil { oldest = connection }
        count += 1
        return surplus
    }

    /// The most recently used connection of the key.
    mutating func take(_ key: PoolKey) -> Connection? {
        guard let connection = byKey[key]?.last else { return nil }
        remove(connection)
        return connection
    }

    mutating func takeOldest() -> Connection? {
        guard let connection = oldest else { return nil }
        remove(connection)
        return connection
    }

    mutating func takeOldest(idleSince limit: NIODeadline) -> Connection? {
        guard let connection = oldest, connection.idleLinks.since <= limit else { return nil }
        remove(connection)
        return connection
    }

    /// Takes the connection out if it is in.
    mutating func remove(_ connection: Connection) {
        guard connection.idleLinks.isLinked else { return }
        let links = connection.idleLinks
        connection.idleLinks = IdleLinks()
        if let previous = links.previous { previous.idleLinks.next = links.next } else { oldest = links.next }
        if let next = links.next { next.idleLinks.previous = links.previous } else { newest = links.previous }
        count -= 1
        guard byKey[connection.key]?.count ?? 0 > 1 else { return byKey[connection.key] = nil }
        // The newest leaves first, so that the search ends at its first step.
        if let index = byKey[connection.key]?.lastIndex(where: { $0 === connection }) {
            byKey[connection.key]?.remove(at: index)
        }
    }
}

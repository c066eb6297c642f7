import Glibc

/// The loopback ports of one node.
struct NodePorts: Sendable, Hashable {
    var amqp: Int
    var management: Int
    var distribution: Int
    var epmd: Int

    var all: [Int] { [amqp, management, distribution, epmd] }

    /// Four ports that nobody listens on now.
    ///
    /// They lie below the range the kernel takes outgoing connections from: a client that reconnects in a loop to a
    /// port inside that range can be given that very port as its own, connect to itself, and keep the node from
    /// coming back.
    static func unused() throws(LocalBrokerError) -> NodePorts {
        var found: [Int] = []
        let range = 10_000...max(10_999, lowestEphemeralPort() - 1)
        for _ in 0..<2_000 where found.count < 4 {
            let port = Int.random(in: range)
            if !found.contains(port), isUnused(port) { found.append(port) }
        }
        guard found.count == 4 else {
            throw LocalBrokerError(
                .system, "No four unused ports were found between \(range.lowerBound) and \(range.upperBound).")
        }
        return NodePorts(amqp: found[0], management: found[1], distribution: found[2], epmd: found[3])
    }

    var areUnused: Bool { all.allSatisfy(Self.isUnused) }

    private static func lowestEphemeralPort() -> Int {
        let range = FileBytes.text(at: "/proc/sys/net/ipv4/ip_local_port_range")
        return range?.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } ?? 32_768
    }

    private static func isUnused(_ port: Int) -> Bool {
        LoopbackSocket.withSocket { socket in
            var yes: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return LoopbackSocket.call(bind, socket, port) == 0
        }
    }
}

import NIOCore
import NIOHTTP1
import Synchronization

/// What all connections of one receiver share.
final class ReceiverCore: Sendable {
    let recorder = Recorder()
    private let keepsBodies: Bool
    private let verify: (@Sendable ([(String, String)], [UInt8]) -> Bool)?
    private let behaviours = Mutex<[String: Behaviour]>([:])
    private let connections = Mutex<(last: Int, open: [Int: any Channel])>((0, [:]))

    init(keepsBodies: Bool, verify: (@Sendable ([(String, String)], [UInt8]) -> Bool)?) {
        self.keepsBodies = keepsBodies
        self.verify = verify
    }

    var needsBodies: Bool { keepsBodies || verify != nil }

    func respond(at path: String, with behaviour: Behaviour) {
        behaviours.withLock { $0[path] = behaviour }
    }

    /// What was set for the path, else what the path itself asks for, else acceptance.
    func behaviour(for target: String) -> Behaviour {
        let set = behaviours.withLock { behaviours -> Behaviour? in
            guard !behaviours.isEmpty else { return nil }
            return behaviours[String(target.prefix { $0 != "?" })]
        }
        return set ?? Behaviour(path: target) ?? .accept
    }

    func request(_ head: HTTPRequestHead, _ body: [UInt8], _ connectionID: Int) -> ReceivedRequest {
        let headers = needsBodies ? head.headers.map { ($0.name, $0.value) } : []
        return ReceivedRequest(
            method: head.method.rawValue,
            path: head.uri,
            headers: keepsBodies ? headers : [],
            body: keepsBodies ? body : [],
            deliveryID: head.headers.first(name: "webhook-id"),
            monotonicNanoseconds: Stamp.monotonic(),
            wallNanoseconds: Stamp.wall(),
            connectionID: connectionID,
            isVerified: verify.map { $0(headers, body) }
        )
    }

    /// Gives a connection its number and remembers it until it is closed.
    func accepted(_ channel: any Channel) -> Int {
        let id = connections.withLock { connections in
            connections.last += 1
            connections.open[connections.last] = channel
            return connections.last
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.connections.withLock { _ = $0.open.removeValue(forKey: id) }
        }
        return id
    }

    var openConnections: [any Channel] { connections.withLock { Array($0.open.values) } }
    var acceptedConnections: Int { connections.withLock { $0.last } }
}

import Synchronization

/// What has been received, and who waits for more.
final class Recorder: Sendable {
    private struct Waiter {
        let path: String?
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var requests: [ReceivedRequest] = []
        var counts: [String: Int] = [:]
        /// Requests so far by delivery.
        var deliveries: [String: Int] = [:]
        /// The window of each path with a quota: its beginning in monotonic nanoseconds, and what it has taken.
        var windows: [String: (beginning: Int64, taken: Int)] = [:]
        var lastID = 0
        var waiters: [Int: Waiter] = [:]
        var subscribers: [Int: AsyncStream<ReceivedRequest>.Continuation] = [:]

        func count(at path: String?) -> Int { path.map { counts[$0] ?? 0 } ?? requests.count }

        mutating func nextID() -> Int {
            lastID += 1
            return lastID
        }
    }

    /// How often a request has come before, itself included.
    struct Occurrence {
        let ofDelivery: Int
        let ofPath: Int
    }

    private let state = Mutex(State())

    func record(_ request: ReceivedRequest) -> Occurrence {
        let (occurrence, ready, subscribers) = state.withLock { state in
            state.requests.append(request)
            let path = String(request.path.prefix { $0 != "?" })
            state.counts[path, default: 0] += 1
            let delivery = request.deliveryID ?? ""
            state.deliveries[delivery, default: 0] += 1
            let occurrence = Occurrence(
                ofDelivery: state.deliveries[delivery] ?? 1, ofPath: state.counts[path] ?? 1)
            let ready =
                state.waiters.isEmpty ? [] : state.waiters.filter { state.count(at: $0.value.path) >= $0.value.count }
            for id in ready.map(\.key) { state.waiters[id] = nil }
            return (occurrence, ready.map(\.value.continuation), Array(state.subscribers.values))
        }
        for continuation in ready { continuation.resume() }
        for subscriber in subscribers { subscriber.yield(request) }
        return occurrence
    }

    /// Whether a request is one of the first `count` of its path within `seconds` of the first of them.
    func isWithin(_ count: Int, of seconds: Int, _ request: ReceivedRequest) -> Bool {
        let now = request.monotonicNanoseconds
        return state.withLock { state in
            var window = state.windows[request.path] ?? (now, 0)
            if now - window.beginning >= Int64(seconds) * 1_000_000_000 { window = (now, 0) }
            guard window.taken < count else { return false }
            window.taken += 1
            state.windows[request.path] = window
            return true
        }
    }

    func requests(at path: String?) -> [ReceivedRequest] {
        let all = state.withLock { $0.requests }
        guard let path else { return all }
        return all.filter { $0.path.prefix { $0 != "?" } == path }
    }

    func count(at path: String?) -> Int { state.withLock { $0.count(at: path) } }

    var distinctDeliveries: Int { state.withLock { $0.deliveries.count - ($0.deliveries[""] == nil ? 0 : 1) } }

    func reset() {
        state.withLock { state in
            state.requests.removeAll()
            state.counts.removeAll()
            state.deliveries.removeAll()
            state.windows.removeAll()
        }
    }

    func wait(for count: Int, at path: String?) async {
        let id = state.withLock { $0.nextID() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if Task.isCancelled || state.count(at: path) >= count { return true }
                    state.waiters[id] = Waiter(path: path, count: count, continuation: continuation)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    func stream() -> AsyncStream<ReceivedRequest> {
        let (stream, continuation) = AsyncStream.makeStream(of: ReceivedRequest.self)
        let id = state.withLock { state in
            let id = state.nextID()
            state.subscribers[id] = continuation
            return id
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.subscribers.removeValue(forKey: id) }
        }
        return stream
    }

    /// Ends every stream and lets every waiter go.
    func finish() {
        let (waiters, subscribers) = state.withLock { state in
            defer {
                state.waiters.removeAll()
                state.subscribers.removeAll()
            }
            return (state.waiters.values.map(\.continuation), Array(state.subscribers.values))
        }
        for waiter in waiters { waiter.resume() }
        for subscriber in subscribers { subscriber.finish() }
    }
}

import Distribution
import Foundation
import Synchronization

/// A service process that is started again whenever it dies, as a supervisor would do.
final class StandingService: Sendable {
    struct State: Sendable {
        /// Set while a process lives.
        var pid: Int32?
        /// Set while a process is ready.
        var address: String?
        /// How the processes ended, in order.
        var ends: [ServiceProcess.End] = []
        var isOver = false
    }

    let folder: String
    private let amqpURL: String
    private let state = Mutex((state: State(), waiters: [AsyncStream<Void>.Continuation]()))

    init(folder: String, amqpURL: String) {
        self.folder = folder
        self.amqpURL = amqpURL
    }

    var current: State { state.withLock { $0.state } }

    /// Runs a body beside a service that stands, asks it to stop, and tells how its processes ended.
    static func serving<Value: Sendable>(
        _ folder: String, _ url: String, crashes: [String?] = [],
        _ body: @escaping @Sendable (StandingService) async throws -> Value
    ) async throws -> (ends: [ServiceProcess.End], value: Value) {
        let service = StandingService(folder: folder, amqpURL: url)
        let value = try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await service.run(crashes: crashes)
                return nil
            }
            group.addTask {
                let value = try await body(service)
                await service.stop()
                return value
            }
            var value: Value?
            while let next = try await group.next() { value = next ?? value }
            return value
        }
        guard let value else { throw SystemTestError("The service ended before it was asked to.") }
        return (service.current.ends, value)
    }

    /// Keeps a process running until one exits by itself.
    ///
    /// - Parameter crashes: Where the first processes kill themselves, each as `CLAWCAST_CRASH_AT` has it; nil for one
    ///   that does not.
    func run(crashes: [String?] = []) async throws {
        defer { update { $0.isOver = true } }
        var crashes = crashes[...]
        while true {
            let crash = crashes.popFirst() ?? nil
            let process = try ServiceProcess.launch(
                folder: folder, amqpURL: amqpURL, environment: crash.map { ["CLAWCAST_CRASH_AT": $0] } ?? [:])
            update { $0.pid = process.pid }
            let end = try await withTaskCancellationHandler {
                try await process.ended { address in self.update { $0.address = address } }
            } onCancel: {
                kill(process.pid, SIGKILL)
            }
            update { state in
                state.pid = nil
                state.address = nil
                state.ends.append(end)
            }
            try Task.checkCancellation()
            guard end.wasKilled else {
                guard end.status == 0 else { throw SystemTestError("The service failed: \(end.errors)") }
                return
            }
        }
    }

    /// Asks the process to stop, and each that takes its place, until one has.
    func stop() async {
        while let state = await wait(until: { $0.isOver || $0.address != nil ? $0 : nil }), let pid = state.pid {
            kill(pid, SIGTERM)
            await wait { $0.pid != pid ? true : nil }
        }
    }

    /// Kills the process that lives, or the next one, and returns when it is gone.
    func crash() async {
        guard let pid = await wait(until: \.pid) else { return }
        kill(pid, SIGKILL)
        await wait { $0.pid != pid ? true : nil }
    }

    /// Returns when a process is ready.
    func untilReady() async {
        await wait { $0.address }
    }

    /// What is looked for, once it is so; nil where the task is cancelled.
    @discardableResult
    func wait<Value: Sendable>(until isSo: @Sendable (State) -> Value?) async -> Value? {
        while !Task.isCancelled {
            let (value, change) = state.withLock { inner -> (Value?, AsyncStream<Void>?) in
                if let value = isSo(inner.state) { return (value, nil) }
                let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
                inner.waiters.append(continuation)
                return (nil, stream)
            }
            guard let change else { return value }
            for await _ in change {}
        }
        return nil
    }

    /// Calls the API, again where a process has died over it, until one has answered.
    func call(_ method: String, _ path: String, _ body: JSONObject? = nil) async throws -> APIProbe.Answer {
        while true {
            if let answer = try await callOnce(method, path, body) { return answer }
        }
    }

    /// Calls the API of the process that is ready, or of the next one.
    ///
    /// - Returns: nil where the process has died over it.
    func callOnce(_ method: String, _ path: String, _ body: JSONObject? = nil) async throws -> APIProbe.Answer? {
        let ready = await wait { state -> (Int32, String)? in
            guard let pid = state.pid, let address = state.address else { return nil }
            return (pid, address)
        }
        guard let (pid, address) = ready else { throw CancellationError() }
        do {
            return try await APIProbe(address: address, dataDirectory: folder).send(method, path, body)
        } catch {
            await wait { $0.pid != pid ? true : nil }
            return nil
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiters = state.withLock { inner in
            change(&inner.state)
            defer { inner.waiters = [] }
            return inner.waiters
        }
        for waiter in waiters { waiter.finish() }
    }
}

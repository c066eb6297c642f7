/// The wait for a node that is starting.
struct Readiness: Sendable {
    enum Result: Sendable {
        case ready
        case ended
        case timedOut
        case cancelled
    }

    let supervisor: Supervisor
    let probe: LoginProbe
    let timeoutSeconds: Int

    /// The first of: a login that works, the node's end, the timeout, cancellation.
    func result() async -> Result {
        await withTaskGroup(of: Result.self) { group in
            group.addTask { await isReady() ? .ready : .cancelled }
            group.addTask {
                await supervisor.exited()
                return supervisor.hasExited ? .ended : .cancelled
            }
            group.addTask {
                do {
                    try await Task.sleep(for: .seconds(timeoutSeconds))
                    return .timedOut
                } catch {
                    return .cancelled
                }
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }

    private func isReady() async -> Bool {
        while !Task.isCancelled {
            if await probe.succeeds() { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

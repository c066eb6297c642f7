/// Runs `work` and cancels it after `milliseconds`; it is waited for either way, so that what it has done by then is
/// told rather than lost.
func withPatience<Value: Sendable>(
    milliseconds: Int64, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try? await Task.sleep(for: .milliseconds(milliseconds))
            return nil
        }
        defer { group.cancelAll() }
        while let ended = try await group.next() {
            if let value = ended { return value }
            group.cancelAll()
        }
        throw CancellationError()
    }
}

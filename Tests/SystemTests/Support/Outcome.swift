/// What a body returned or threw, so that something can be done in between.
struct Outcome<Value: Sendable>: Sendable {
    private let result: Result<Value, any Error>

    init(_ body: () async throws -> Value) async {
        do { result = .success(try await body()) } catch { result = .failure(error) }
    }

    func get() throws -> Value { try result.get() }
}

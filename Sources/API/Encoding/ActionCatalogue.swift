import HTTPTypes

/// Tells which of the calls that a view may recommend are built here.
struct ActionCatalogue: Sendable {
    private let notBuilt: [[Substring]]

    init(endpoints: [Endpoint], base: String) {
        notBuilt = endpoints.compactMap { endpoint in
            guard case .notBuilt = endpoint.handler else { return nil }
            return Self.parts("\(endpoint.method.rawValue) \(base)\(endpoint.path)")
        }
    }

    /// - Parameter action: As `POST /api/distribution/plans/7/retry`.
    func offers(_ action: String) -> Bool {
        let parts = Self.parts(action)
        return !notBuilt.contains { pattern in
            pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
        }
    }

    private static func parts(_ call: String) -> [Substring] {
        call.split(whereSeparator: { $0 == " " || $0 == "/" })
    }
}

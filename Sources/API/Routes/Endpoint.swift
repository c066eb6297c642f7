import Distribution
import HTTPTypes
import Hummingbird

/// One method of one path: who may call it, with what, and what answers.
struct Endpoint: Sendable {
    enum Handler: Sendable {
        /// Needs no key; is given the request's id.
        case open(@Sendable (_ requestID: String) async -> Response)
        /// Needs a key that has one of the scopes.
        case authenticated(Set<APIKey.Scope>, @Sendable (Call) async throws -> Answer)
        /// Belongs to the contract and is not built; the sentence says what to do instead.
        case notBuilt(Set<APIKey.Scope>, remediation: String)
    }

    let method: HTTPRequest.Method
    /// As Hummingbird's router reads it, `/targets/:id`.
    let path: String
    /// The names that the query may hold.
    let parameters: Set<String>
    let handler: Handler

    /// A question: changes nothing.
    static func get(
        _ path: String, _ scopes: Set<APIKey.Scope>, parameters: Set<String> = [],
        answer: @escaping @Sendable (Call) async throws -> Answer
    ) -> Endpoint {
        Endpoint(method: .get, path: path, parameters: parameters, handler: .authenticated(scopes, answer))
    }

    /// A list in pages.
    static func list(
        _ path: String, _ scopes: Set<APIKey.Scope>, filters: Set<String> = [],
        answer: @escaping @Sendable (Call) async throws -> Answer
    ) -> Endpoint {
        get(path, scopes, parameters: filters.union(["limit", "cursor"]), answer: answer)
    }

    /// A change, which `?mode=dry_run` only rehearses.
    static func change(
        _ method: HTTPRequest.Method, _ path: String, _ scopes: Set<APIKey.Scope>,
        parameters: Set<String> = [], answer: @escaping @Sendable (Call) async throws -> Answer
    ) -> Endpoint {
        Endpoint(
            method: method, path: path, parameters: parameters.union(["mode"]), handler: .authenticated(scopes, answer))
    }

    static func open(_ path: String, answer: @escaping @Sendable (_ requestID: String) async -> Response) -> Endpoint {
        Endpoint(method: .get, path: path, parameters: [], handler: .open(answer))
    }

    static func notBuilt(
        _ method: HTTPRequest.Method, _ path: String, _ scopes: Set<APIKey.Scope>, _ remediation: String
    ) -> Endpoint {
        Endpoint(method: method, path: path, parameters: [], handler: .notBuilt(scopes, remediation: remediation))
    }
}

extension Set<APIKey.Scope> {
    static let readers: Set<APIKey.Scope> = [.contentRead, .contentWrite]
    static let writers: Set<APIKey.Scope> = [.contentWrite]
    static let administrators: Set<APIKey.Scope> = [.admin]
    static let publishers: Set<APIKey.Scope> = [.publisher]
}

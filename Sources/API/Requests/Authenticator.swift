import Distribution
import HTTPTypes
import Hummingbird
import Orchestrator

/// Finds out who asks: a known key, with the scope that is needed, for one domain.
struct Authenticator: Sendable {
    private static let longestKey = 512

    private let useCases: DistributionUseCases
    private let known: KeyCache

    init(useCases: DistributionUseCases, lifetimeMilliseconds: Int64) {
        self.useCases = useCases
        known = KeyCache(lifetimeMilliseconds: lifetimeMilliseconds)
    }

    /// - Throws: `AUTH_MISSING_API_KEY`, `AUTH_INVALID_API_KEY`, `AUTH_INSUFFICIENT_SCOPE`, `INVALID_DOMAIN_CONTEXT`
    ///   or `LEDGER_UNAVAILABLE`.
    func caller(of request: Request, needing scopes: Set<APIKey.Scope>) async throws(Refusal) -> Caller {
        let key = try await key(presented(by: request))
        guard !key.scopes.isDisjoint(with: scopes) else { throw .insufficientScope(scopes) }
        return Caller(key: key, domainID: try Self.domain(of: key, request))
    }

    private func key(_ presented: Secret) async throws(Refusal) -> APIKey {
        let digest = KeyCache.digest(presented)
        if let key = known.key(digest, now: useCases.now()) { return key }
        let key = try await useCases.authenticate(presented)
        known.keep(key, digest, now: useCases.now())
        return key
    }

    private func presented(by request: Request) throws(Refusal) -> Secret {
        let bearer = request.headers[.authorization].flatMap { value -> String? in
            let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1])
        }
        guard let text = request.headers[text: "x-api-key"] ?? bearer, !text.isEmpty else {
            throw Refusal(
                .authMissingAPIKey, "This call needs an API key.",
                remediation: Remediation.sentence(for: .authMissingAPIKey))
        }
        guard text.utf8.count <= Self.longestKey else {
            throw Refusal(
                .authInvalidAPIKey, "The API key is unknown or revoked.",
                remediation: Remediation.sentence(for: .authInvalidAPIKey))
        }
        return Secret(text)
    }

    private static func domain(of key: APIKey, _ request: Request) throws(Refusal) -> DomainID {
        let header = request.headers[text: "x-wordclaw-domain"]
        let named = header.flatMap(Query.identifier).map { DomainID($0) }
        guard header == nil || named != nil else { throw .domain("x-wordclaw-domain is not the id of a domain.") }
        if let own = key.domainID {
            guard named == nil || named == own else { throw .domain("The key belongs to another domain.") }
            return own
        }
        guard let named else { throw .domain("This key is bound to no domain, and the request names none.") }
        return named
    }
}

extension Refusal {
    fileprivate static func insufficientScope(_ scopes: Set<APIKey.Scope>) -> Refusal {
        let names = scopes.map(\.rawValue).sorted().joined(separator: " or ")
        return Refusal(
            .authInsufficientScope, "The key lacks the scope \(names).",
            remediation: Remediation.sentence(for: .authInsufficientScope), context: ["requiredScope": names])
    }

    fileprivate static func domain(_ message: String) -> Refusal {
        Refusal(.invalidDomainContext, message, remediation: Remediation.sentence(for: .invalidDomainContext))
    }
}

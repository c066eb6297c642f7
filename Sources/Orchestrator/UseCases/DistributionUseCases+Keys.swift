package import Distribution
import Sealing

extension DistributionUseCases {
    /// Whose key this is.
    ///
    /// - Throws: `AUTH_INVALID_API_KEY` where it is unknown or revoked.
    package func authenticate(_ key: Secret) async throws(Refusal) -> APIKey {
        let digest = SHA256.digest(Array(key.reveal().utf8))
        let known = try await ask { ledger throws(LedgerError) in try await ledger.key(digest: digest) }
        guard let known, known.revokedAt == nil else { throw .invalidKey }
        return known
    }

    /// Whether no key was ever stored, not even one that is revoked.
    package func knowsNoKey() async throws(Refusal) -> Bool {
        try await ask { ledger throws(LedgerError) in try await ledger.keys() }.isEmpty
    }

    /// Stores a key that somebody else has made, by its digest.
    package func admitKey(
        _ key: Secret, name: String, domainID: DomainID?, scopes: Set<APIKey.Scope>
    ) async throws(Refusal) -> APIKey {
        let digest = SHA256.digest(Array(key.reveal().utf8))
        let new = NewAPIKey(
            name: name, digest: digest, domainID: domainID, scopes: scopes, createdAt: ports.time.now())
        return try await change { ledger throws(LedgerError) in try await ledger.createKey(new) }
    }
}

extension Refusal {
    fileprivate static let invalidKey = Refusal(
        .authInvalidAPIKey, "The API key is unknown or revoked.",
        remediation: "Send a valid key in x-api-key or Authorization: Bearer.")
}

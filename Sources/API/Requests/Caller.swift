import Distribution

/// Who asks, and for which domain.
struct Caller: Sendable, Hashable {
    let key: APIKey
    let domainID: DomainID

    /// Whom plans of this caller were created by, as WordClaw writes it.
    var provenance: JSON {
        .object([
            "actorId": .string("api_key:\(key.id)"), "actorType": .string("api_key"), "actorSource": .string("db"),
        ])
    }
}

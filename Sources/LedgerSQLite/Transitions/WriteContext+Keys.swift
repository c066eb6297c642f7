import Distribution

extension WriteContext {
    func createKey(_ draft: NewAPIKey) throws -> APIKey {
        var insert = try query(
            "INSERT INTO api_keys (name, digest, domainId, scopes, createdAt) VALUES (?, ?, ?, ?, ?)")
        insert.bind(draft.name)
        insert.bind(draft.digest)
        insert.bind(draft.domainID)
        insert.bind(draft.scopes.map(\.rawValue).sorted().joined(separator: " "))
        insert.bind(draft.createdAt)
        try insert.run()
        return APIKey(
            id: Identifier(insertedID), name: draft.name, domainID: draft.domainID,
            scopes: draft.scopes, createdAt: draft.createdAt, revokedAt: nil)
    }

    /// - Returns: Whether there was such a key that had not been revoked.
    func revokeKey(_ id: Identifier<APIKey>, at now: Timestamp) throws -> Bool {
        var update = try query("UPDATE api_keys SET revokedAt = ? WHERE id = ? AND revokedAt IS NULL")
        update.bind(now)
        update.bind(id)
        try update.run()
        return changedRows == 1
    }
}

extension APIKey {
    static let columns = "id, name, domainId, scopes, createdAt, revokedAt"

    init(columns: Columns) throws {
        self.init(
            id: columns.id(0), name: columns.text(1), domainID: columns.integerOrNil(2).map { DomainID($0) },
            scopes: Set(columns.text(3).split(separator: " ").compactMap { Scope(rawValue: String($0)) }),
            createdAt: try columns.timestamp(4), revokedAt: try columns.timestampOrNil(5))
    }
}

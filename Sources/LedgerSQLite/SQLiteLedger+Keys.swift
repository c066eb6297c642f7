package import Distribution

extension SQLiteLedger {
    package func createKey(_ key: NewAPIKey) async throws(LedgerError) -> APIKey {
        try await writer.perform { try $0.createKey(key) }
    }

    package func key(digest: Digest256) async throws(LedgerError) -> APIKey? {
        try await read { database in
            var select = try database.query(
                "SELECT \(APIKey.columns) FROM api_keys WHERE digest = ? AND revokedAt IS NULL")
            select.bind(digest)
            return try select.first(APIKey.init(columns:))
        }
    }

    package func keys() async throws(LedgerError) -> [APIKey] {
        try await read { database in
            try database.query("SELECT \(APIKey.columns) FROM api_keys ORDER BY id").all(APIKey.init(columns:))
        }
    }

    package func revokeKey(_ id: Identifier<APIKey>) async throws(LedgerError) -> Bool {
        let now = services.time.now()
        return try await writer.perform { try $0.revokeKey(id, at: now) }
    }
}

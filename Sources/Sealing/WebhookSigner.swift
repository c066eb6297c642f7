package import Distribution

/// Signs webhooks by the Standard Webhooks specification with every key that is valid now.
package struct WebhookSigner: Sendable {
    private let keys: [WebhookKey]

    /// - Parameter secrets: `whsec_` and `whsk_` texts, the newest first; several during a rotation.
    package init(secrets: [Secret]) throws(SealingError) {
        var keys: [WebhookKey] = []
        for secret in secrets { keys.append(try WebhookKey(secret)) }
        self.init(keys: keys)
    }

    package init(keys: [WebhookKey]) {
        self.keys = keys
    }

    /// The value of `webhook-signature`: one `v1,…` or `v1a,…` a key over `<id>.<timestamp>.<body>`, in the order of the
    /// keys, with a space in between.
    ///
    /// - Parameter timestamp: Seconds since 1970, as sent in `webhook-timestamp`.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) throws(SealingError) -> String {
        let prefix = Array("\(id).\(timestamp).".utf8)
        var signatures: [String] = []
        for key in keys {
            switch key {
            case .symmetric(let hmac): signatures.append("v1," + Base64.encode(try hmac.code(for: prefix, body)))
            case .asymmetric(let key): signatures.append("v1a," + Base64.encode(try key.sign(prefix + body)))
            }
        }
        return signatures.joined(separator: " ")
    }
}

/// Signs as WordClaw does today: the bare lowercase hexadecimal HMAC-SHA256 of the body, keyed with the secret's text.
package struct WordClawSigner: Sendable {
    private let hmac: HMACSHA256

    package init(secret: Secret) throws(SealingError) {
        hmac = try HMACSHA256(key: Array(secret.reveal().utf8))
    }

    /// The value of `x-wordclaw-signature`.
    package func signature(body: [UInt8]) throws(SealingError) -> String {
        Hexadecimal.encode(try hmac.code(for: body))
    }
}

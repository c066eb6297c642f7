package import Distribution

/// A signing key of Standard Webhooks, parsed from its text.
package enum WebhookKey: Sendable {
    /// `whsec_` and the Base64 of 24 to 64 bytes; signs as `v1`.
    case symmetric(HMACSHA256)
    /// `whsk_` and the Base64 of a 32-byte seed, alone or followed by its public key; signs as `v1a`.
    case asymmetric(Ed25519.PrivateKey)

    private static let symmetricPrefix = "whsec_"
    private static let privatePrefix = "whsk_"
    private static let publicPrefix = "whpk_"

    package init(_ secret: Secret) throws(SealingError) {
        let text = secret.reveal()
        if let bytes = Self.bytes(of: text, after: Self.symmetricPrefix), (24...64).contains(bytes.count) {
            self = .symmetric(try HMACSHA256(key: bytes))
        } else if let bytes = Self.bytes(of: text, after: Self.privatePrefix), [32, 64].contains(bytes.count) {
            let key = try Ed25519.PrivateKey(seed: Array(bytes.prefix(32)))
            guard bytes.count == 32 || key.publicKey.bytes == Array(bytes.suffix(32)) else {
                throw SealingError.malformedKey("The public half of this whsk_ key is not that of its private half.")
            }
            self = .asymmetric(key)
        } else {
            throw SealingError.malformedKey(
                "A webhook secret is whsec_ and the Base64 of 24 to 64 bytes, or whsk_ and that of an Ed25519 key."
            )
        }
    }

    /// A new `whsec_` secret of 32 random bytes.
    package static func generateSymmetric() throws(SealingError) -> Secret {
        Secret(symmetricPrefix + Base64.encode(try randomBytes(32)))
    }

    /// A new `whsk_` key: seed and public key, as other implementations write it.
    package static func generateAsymmetric() throws(SealingError) -> Secret {
        let seed = try randomBytes(32)
        let key = try Ed25519.PrivateKey(seed: seed)
        return Secret(privatePrefix + Base64.encode(seed + key.publicKey.bytes))
    }

    /// The `whpk_` text that a receiver verifies with; nil for a symmetric key.
    package var publicText: String? {
        guard case .asymmetric(let key) = self else { return nil }
        return Self.publicPrefix + Base64.encode(key.publicKey.bytes)
    }

    /// Reads a `whpk_` text.
    package static func publicKey(from text: String) throws(SealingError) -> Ed25519.PublicKey {
        guard let bytes = bytes(of: text, after: publicPrefix) else {
            throw SealingError.malformedKey("A public webhook key is whpk_ and the Base64 of 32 bytes.")
        }
        return try Ed25519.PublicKey(bytes: bytes)
    }

    private static func bytes(of text: String, after prefix: String) -> [UInt8]? {
        text.hasPrefix(prefix) ? Base64.decode(String(text.dropFirst(prefix.count))) : nil
    }
}

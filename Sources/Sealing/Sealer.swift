import Distribution

/// Seals bytes under the master key: AES-256-GCM (NIST SP 800-38D) with a random nonce for each call.
///
/// Sealed bytes are a version (1), four bytes that name the key, the 12-byte nonce, the ciphertext and the 16-byte tag.
/// The header and the caller's context are authenticated: what was sealed for one place opens nowhere else.
package struct Sealer: Sendable {
    private static let version: UInt8 = 1
    private static let headerCount = 5
    private static let nonceCount = 12
    private static let tagCount = 16

    private let key: MasterKey
    private let header: [UInt8]

    package init(masterKey: MasterKey) {
        key = masterKey
        let name = SHA256.digest(Array("clawcast master key".utf8) + masterKey.bytes).bytes.prefix(4)
        header = [Self.version] + name
    }

    /// - Parameter context: What the bytes belong to; must be the same to open them.
    package func seal(_ plaintext: [UInt8], context: [UInt8]) throws(SealingError) -> [UInt8] {
        let nonce = try randomBytes(Self.nonceCount)
        return header + nonce + (try AES256GCM.seal(plaintext, key: key.bytes, nonce: nonce, context: header + context))
    }

    /// - Throws: ``SealingError/wrongMasterKey``, ``SealingError/notAuthentic`` or
    ///   ``SealingError/malformedSealedBytes``.
    package func open(_ sealed: [UInt8], context: [UInt8]) throws(SealingError) -> [UInt8] {
        guard sealed.count >= Self.headerCount + Self.nonceCount + Self.tagCount, sealed[0] == Self.version else {
            throw SealingError.malformedSealedBytes
        }
        guard sealed.starts(with: header) else { throw SealingError.wrongMasterKey }
        let bodyStart = Self.headerCount + Self.nonceCount
        return try AES256GCM.open(
            Array(sealed[bodyStart...]), key: key.bytes, nonce: Array(sealed[Self.headerCount..<bodyStart]),
            context: header + context
        )
    }
}

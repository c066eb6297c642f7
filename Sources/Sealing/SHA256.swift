import COpenSSL
package import Distribution

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The digest of contiguous bytes, without a copy of them.
    package static func digest(_ bytes: some Collection<UInt8>) -> Digest256 {
        bytes.withContiguousStorageIfAvailable(digest(of:)) ?? Array(bytes).withUnsafeBufferPointer(digest(of:))
    }

    private static func digest(of bytes: UnsafeBufferPointer<UInt8>) -> Digest256 {
        var result: Int32 = 0
        let output = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            result = EVP_Digest(bytes.baseAddress, bytes.count, buffer.baseAddress, nil, EVP_sha256(), nil)
            count = result == 1 ? 32 : 0
        }
        // Fails only without memory or with an OpenSSL that lacks SHA-256; going on would give bytes a false name.
        guard let digest = Digest256(bytes: output) else {
            preconditionFailure("OpenSSL cannot compute SHA-256: \(OpenSSL.failure("EVP_Digest"))")
        }
        return digest
    }
}

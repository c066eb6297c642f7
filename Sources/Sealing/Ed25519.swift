import COpenSSL
import Synchronization

/// Ed25519 signatures (RFC 8032): deterministic, 64 bytes, keys of 32 bytes.
package enum Ed25519 {
    /// Owns a key of OpenSSL.
    fileprivate struct Handle: ~Copyable {
        let pointer: OpaquePointer

        deinit { EVP_PKEY_free(pointer) }
    }

    fileprivate final class SharedHandle: Sendable {
        let handle: Mutex<Handle>

        init(_ handle: consuming sending Handle) {
            self.handle = Mutex(handle)
        }
    }

    /// What signs. Copies share one prepared key; concurrent calls take turns.
    package struct PrivateKey: Sendable, CustomStringConvertible {
        private let shared: SharedHandle
        package let publicKey: PublicKey

        /// - Parameter seed: The 32 secret bytes of RFC 8032 §5.1.5.
        package init(seed: [UInt8]) throws(SealingError) {
            guard seed.count == 32 else {
                throw SealingError.malformedKey("An Ed25519 private key has 32 bytes.")
            }
            let handle = Handle(
                pointer: try OpenSSL.check(
                    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count),
                    "EVP_PKEY_new_raw_private_key"
                )
            )
            var bytes = [UInt8](repeating: 0, count: 32)
            var length = bytes.count
            let result = EVP_PKEY_get_raw_public_key(handle.pointer, &bytes, &length)
            try OpenSSL.check(result, "EVP_PKEY_get_raw_public_key")
            publicKey = try PublicKey(bytes: bytes)
            shared = SharedHandle(handle)
        }

        package static func generate() throws(SealingError) -> PrivateKey {
            try PrivateKey(seed: randomBytes(32))
        }

        /// The 64 bytes of the signature; the same for the same message.
        package func sign(_ message: [UInt8]) throws(SealingError) -> [UInt8] {
            try shared.handle.withLock { (handle) throws(SealingError) in
                let context = try OpenSSL.check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
                defer { EVP_MD_CTX_free(context) }
                let initialised = EVP_DigestSignInit(context, nil, nil, nil, handle.pointer)
                try OpenSSL.check(initialised, "EVP_DigestSignInit")
                var signature = [UInt8](repeating: 0, count: 64)
                var length = signature.count
                let signed = EVP_DigestSign(context, &signature, &length, message, message.count)
                try OpenSSL.check(signed, "EVP_DigestSign")
                return signature
            }
        }

        package var description: String { "‹redacted›" }
    }

    /// What verifies.
    package struct PublicKey: Sendable, Hashable {
        package let bytes: [UInt8]

        package init(bytes: [UInt8]) throws(SealingError) {
            guard bytes.count == 32 else {
                throw SealingError.malformedKey("An Ed25519 public key has 32 bytes.")
            }
            self.bytes = bytes
        }

        /// Whether `signature` was made over `message` with the private key of this one.
        package func isValid(_ signature: [UInt8], for message: [UInt8]) throws(SealingError) -> Bool {
            let key = Handle(
                pointer: try OpenSSL.check(
                    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count),
                    "EVP_PKEY_new_raw_public_key"
                )
            )
            let context = try OpenSSL.check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
            defer { EVP_MD_CTX_free(context) }
            try OpenSSL.check(EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer), "EVP_DigestVerifyInit")
            let result = EVP_DigestVerify(context, signature, signature.count, message, message.count)
            // Anything but 1 is "not valid"; a malformed signature leaves an error that nobody will ask for.
            if result != 1 { ERR_clear_error() }
            return result == 1
        }
    }
}

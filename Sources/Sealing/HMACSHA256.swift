import COpenSSL
import Synchronization

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) under one key.
///
/// Holds OpenSSL's context with the key already absorbed, which halves the cost of short messages. Copies share the
/// context, concurrent calls take turns.
package struct HMACSHA256: Sendable {
    /// Owns a context of OpenSSL that has absorbed a key.
    private struct Context: ~Copyable {
        let pointer: OpaquePointer

        init(keyedWith key: [UInt8]) throws(SealingError) {
            let algorithm = try OpenSSL.check(EVP_MAC_fetch(nil, "HMAC", nil), "EVP_MAC_fetch")
            defer { EVP_MAC_free(algorithm) }
            let fresh = try OpenSSL.check(EVP_MAC_CTX_new(algorithm), "EVP_MAC_CTX_new")
            guard Self.absorb(key, into: fresh) == 1 else {
                EVP_MAC_CTX_free(fresh)
                throw OpenSSL.failure("EVP_MAC_init")
            }
            pointer = fresh
        }

        private static func absorb(_ key: [UInt8], into context: OpaquePointer) -> Int32 {
            // OpenSSL takes a key of no bytes for "keep the present key".
            let material = key.isEmpty ? [0] : key
            var name = Array("SHA256".utf8CString)
            return name.withUnsafeMutableBufferPointer { name in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                    OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_init(context, material, material.count, parameters)
            }
        }

        deinit { EVP_MAC_CTX_free(pointer) }
    }

    private final class Keyed: Sendable {
        let context: Mutex<Context>

        init(key: [UInt8]) throws(SealingError) {
            context = Mutex(try Context(keyedWith: key))
        }
    }

    private let keyed: Keyed

    /// - Parameter key: Any number of bytes; one without bytes counts as 64 zeros, as RFC 2104 pads it.
    package init(key: [UInt8]) throws(SealingError) {
        keyed = try Keyed(key: key)
    }

    /// The 32 bytes that authenticate the parts, one after the other.
    package func code(for parts: [UInt8]...) throws(SealingError) -> [UInt8] {
        try keyed.context.withLock { (context) throws(SealingError) in
            try OpenSSL.check(EVP_MAC_init(context.pointer, nil, 0, nil), "EVP_MAC_init")
            for part in parts {
                try OpenSSL.check(EVP_MAC_update(context.pointer, part, part.count), "EVP_MAC_update")
            }
            var code = [UInt8](repeating: 0, count: 32)
            var length = 0
            try OpenSSL.check(EVP_MAC_final(context.pointer, &code, &length, code.count), "EVP_MAC_final")
            return code
        }
    }
}

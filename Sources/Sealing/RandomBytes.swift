import COpenSSL

/// Bytes fit for keys, nonces and secrets, from OpenSSL's generator.
package func randomBytes(_ count: Int) throws(SealingError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try OpenSSL.check(RAND_bytes(&bytes, Int32(clamping: count)), "RAND_bytes")
    return bytes
}

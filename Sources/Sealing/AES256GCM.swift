import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D), nonces of 12 bytes, tags of 16.
enum AES256GCM {
    private static let tagCount = 16

    /// The ciphertext and its tag.
    static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], context: [UInt8]
    ) throws(SealingError) -> [UInt8] {
        let cipher = try OpenSSL.check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        defer { EVP_CIPHER_CTX_free(cipher) }
        try OpenSSL.check(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce), "EVP_EncryptInit_ex")
        var length: Int32 = 0
        try OpenSSL.check(
            EVP_EncryptUpdate(cipher, nil, &length, context, Int32(clamping: context.count)), "EVP_EncryptUpdate")
        var output = [UInt8](repeating: 0, count: plaintext.count)
        try OpenSSL.check(
            EVP_EncryptUpdate(cipher, &output, &length, plaintext, Int32(clamping: plaintext.count)),
            "EVP_EncryptUpdate")
        var rest = [UInt8](repeating: 0, count: tagCount)
        try OpenSSL.check(EVP_EncryptFinal_ex(cipher, &rest, &length), "EVP_EncryptFinal_ex")
        var tag = [UInt8](repeating: 0, count: tagCount)
        let result = EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag)
        try OpenSSL.check(result, "EVP_CIPHER_CTX_ctrl")
        return output + tag
    }

    /// - Throws: ``SealingError/notAuthentic`` where the tag does not fit.
    static func open(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], context: [UInt8]
    ) throws(SealingError) -> [UInt8] {
        guard sealed.count >= tagCount else { throw SealingError.malformedSealedBytes }
        let ciphertext = Array(sealed.dropLast(tagCount))
        var tag = Array(sealed.suffix(tagCount))
        let cipher = try OpenSSL.check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        defer { EVP_CIPHER_CTX_free(cipher) }
        try OpenSSL.check(EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce), "EVP_DecryptInit_ex")
        let result = EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag)
        try OpenSSL.check(result, "EVP_CIPHER_CTX_ctrl")
        var length: Int32 = 0
        try OpenSSL.check(
            EVP_DecryptUpdate(cipher, nil, &length, context, Int32(clamping: context.count)), "EVP_DecryptUpdate")
        var output = [UInt8](repeating: 0, count: ciphertext.count)
        try OpenSSL.check(
            EVP_DecryptUpdate(cipher, &output, &length, ciphertext, Int32(clamping: ciphertext.count)),
            "EVP_DecryptUpdate")
        var rest = [UInt8](repeating: 0, count: tagCount)
        guard EVP_DecryptFinal_ex(cipher, &rest, &length) == 1 else {
            ERR_clear_error()
            throw SealingError.notAuthentic
        }
        return output
    }
}

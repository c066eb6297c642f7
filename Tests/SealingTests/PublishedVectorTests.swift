import Distribution
import Sealing
import Testing

/// The vectors that the standards publish with their algorithms.
@Suite struct PublishedVectorTests {
    @Test(
        "SHA-256 of FIPS 180-4's examples",
        arguments: [
            ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ])
    func sha256(text: String, repetitions: Int, expected: String) {
        let bytes = Array(String(repeating: text, count: repetitions).utf8)
        #expect(SHA256.digest(bytes).hexadecimal == expected)
        #expect(SHA256.digest(([0] + bytes)[1...]) == SHA256.digest(bytes))
        #expect(SHA256.digest(bytes.lazy.map { $0 }) == SHA256.digest(bytes))
    }

    @Test(
        "HMAC-SHA256 of RFC 4231 (cases 1 to 4, 6, 7)",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                Array(1...25), [UInt8](repeating: 0xCD, count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131),
                Array(
                    ("This is a test using a larger than block-size key and a larger than block-size data. "
                        + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ])
    func hmac(key: [UInt8], message: [UInt8], expected: String) throws {
        let hmac = try HMACSHA256(key: key)
        #expect(Hexadecimal.encode(try hmac.code(for: message)) == expected)
        // The context is used again, and parts count as one message.
        let (head, tail) = (Array(message.prefix(3)), Array(message.dropFirst(3)))
        #expect(Hexadecimal.encode(try hmac.code(for: head, [], tail)) == expected)
    }

    @Test func `an HMAC key without bytes is the key of zeros that RFC 2104 pads it to`() throws {
        let message = Array("m".utf8)
        let padded = try HMACSHA256(key: [UInt8](repeating: 0, count: 64)).code(for: message)
        #expect(try HMACSHA256(key: []).code(for: message) == padded)
    }

    @Test(
        "Ed25519 of RFC 8032 §7.1 (tests 1 to 3)",
        arguments: [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f"
                    + "0595bbe24655141438e7a100b"
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2ea"
                    + "eb4302aeeb00d291612bb0c00"
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e"
                    + "9716ed28dc027beceea1ec40a"
            ),
        ])
    func ed25519(seed: String, publicKey: String, message: String, expected: String) throws {
        let key = try Ed25519.PrivateKey(seed: try #require(Hexadecimal.decode(seed)))
        let bytes = try #require(Hexadecimal.decode(message))
        let signature = try key.sign(bytes)
        #expect(Hexadecimal.encode(key.publicKey.bytes) == publicKey)
        #expect(Hexadecimal.encode(signature) == expected)
        #expect(try key.publicKey.isValid(signature, for: bytes))
        #expect(try !key.publicKey.isValid(signature, for: bytes + [0]))
        #expect(try !key.publicKey.isValid(Array(signature.dropLast()), for: bytes))
        #expect(try !Ed25519.PrivateKey.generate().publicKey.isValid(signature, for: bytes))
    }

    @Test(
        "Base64 of RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == Array(text.utf8))
    }

    @Test(
        "Base64 that no encoder writes is refused",
        arguments: ["Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zm 9", "Zm9v\n", "Zm-_", "=", "===="])
    func malformedBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

import Testing

@testable import Sealing

/// Test cases 13, 14 and 16 of the GCM specification that NIST SP 800-38D refers to.
@Suite struct AES256GCMTests {
    @Test(arguments: [
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), "", "",
            "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), String(repeating: "00", count: 16),
            "", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa"
                + "0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393"
                + "ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ])
    func `the published vectors seal and open`(
        key: String, nonce: String, plaintext: String, context: String, sealed: String
    ) throws {
        let key = try #require(Hexadecimal.decode(key))
        let nonce = try #require(Hexadecimal.decode(nonce))
        let plaintext = try #require(Hexadecimal.decode(plaintext))
        let context = try #require(Hexadecimal.decode(context))
        let output = try AES256GCM.seal(plaintext, key: key, nonce: nonce, context: context)
        #expect(Hexadecimal.encode(output) == sealed)
        #expect(try AES256GCM.open(output, key: key, nonce: nonce, context: context) == plaintext)
    }
}

import Distribution
import DistributionTesting
import Testing

@Suite struct SanitizerTests {
    @Test(
        arguments: [
            ("plain words, nothing else: 5 % (of it)", nil), ("GET https://h.example/a/b failed", nil),
            ("a\u{0}b\nc\u{1B}[31m\u{7F}", "a b c [31m "), ("übergrößenträger 😀", nil),
            ("https://h.example/a?token=hunter2 refused", "https://h.example/a?… refused"),
            (#"{"url":"https:\/\/h.example\/a?token=hunter2"}"#, #"{"url":"https:\/\/h.example\/a?…"}"#),
            ("/cb?code=hunter2", "/cb?…"), ("cb?code=hunter2&a=b", "cb?…"), ("really? yes", nil), ("what?!", nil),
            ("https://user:hunter2@h.example/x?y#z", "https://…@h.example/x?…"),
            ("amqps://u:hunter2@broker", "amqps://…@broker"), ("mail me@h.example", nil),
            ("Authorization: Bearer hunter2.abc-DEF", "Authorization: Bearer …"),
            ("basic dXNlcjpodW50ZXIy", "basic …"), ("HTTP Basic authentication required.", nil),
            ("secret=whsec_hunter2", "secret=whsec_…"), ("<a href='https://h/?k=hunter2'>", "<a href='https://h/?…'>"),
            ("/login?next=https://h.example/", "/login?…"), ("?a=b://", "?…"),
            ("https://h/?u=ftp://me:hunter2@h", "https://h/?…"),
            (#"/login?next=https:\/\/me:hunter2@h.example\/"#, "/login?…"),
        ] as [(String, String?)])
    func `cleans`(text: String, expected: String?) {
        #expect(Sanitizer.excerpt(Array(text.utf8)) == expected ?? text)
        #expect(Sanitizer.message(text) == expected ?? text)
        #expect(!Sanitizer.message(text).contains("hunter2"))
    }

    @Test func `repairs what is not UTF-8`() {
        #expect(Sanitizer.excerpt([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    }

    @Test(arguments: ["x", "é", "€", "😀", "\u{FFFF}"])
    func `cuts between characters`(character: String) {
        let bytes = Array(String(repeating: character, count: 40).utf8)
        for limit in 0...40 {
            let text = Sanitizer.excerpt(bytes, maximumBytes: limit)
            #expect(text.utf8.count <= limit)
            #expect(text == String(repeating: character, count: limit / character.utf8.count))
        }
    }

    @Test func `is valid and bounded for any bytes`() {
        let random = SeededRandomness(seed: 99)
        for _ in 0..<2_000 {
            let bytes = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            let limit = random.below(120)
            let text = Sanitizer.excerpt(bytes, maximumBytes: limit)
            #expect(text.utf8.count <= limit)
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
    }

    /// Random bytes hardly ever hold what a secret comes with.
    @Test func `is valid and bounded for any order of what secrets come with`() {
        let pieces = [
            "?", "@", "_", "://", #":\/\/"#, "/", "\\", "#", "=", "whsec_", "Bearer", "basic", " ", "\"", "a", "b.c",
            "é",
        ]
        let random = SeededRandomness(seed: 7)
        for _ in 0..<4_000 {
            let text = (0..<random.below(12)).map { _ in pieces[random.below(pieces.count)] }.joined()
            let cleaned = Sanitizer.excerpt(Array(text.utf8), maximumBytes: 60)
            #expect(cleaned.utf8.count <= 60, "\(text)")
            #expect(Sanitizer.message(cleaned) == Sanitizer.message(Sanitizer.message(cleaned)), "\(text)")
        }
    }

    @Test func `a message has at most a kibibyte`() {
        #expect(Sanitizer.message(String(repeating: "ab ", count: 1_000)).utf8.count == 1_024)
    }
}

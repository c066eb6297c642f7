import Testing

@testable import Egress

@Suite("Peer name")
struct PeerNameTests {
    @Test(
        "a name matches itself and its wildcard's one label",
        arguments: [
            ("example.com", "example.com", true), ("EXAMPLE.com", "example.com", true),
            ("*.example.com", "a.example.com", true), ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false), ("*.com", "example.com", false), ("*", "com", false),
            ("a*.example.com", "ab.example.com", false), ("*.example.com", "*.example.org", false),
            ("example.com\u{0}.evil", "example.com", false), ("", "example.com", false),
        ])
    func matches(pattern: String, host: String, expected: Bool) {
        #expect(PeerName.matches(pattern: Array(pattern.utf8), host: host) == expected)
    }
}

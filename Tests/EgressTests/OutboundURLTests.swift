import Egress
import Testing

@Suite("Outbound URL")
struct OutboundURLTests {
    @Test(
        "a URL is taken apart into what is connected to and what is sent",
        arguments: [
            ("https://example.com", "example.com", 443, "/", "example.com"),
            ("HTTPS://EXAMPLE.com./A?b=C#d", "example.com", 443, "/A?b=C", "example.com"),
            ("http://example.com:8080?x", "example.com", 8080, "/?x", "example.com:8080"),
            ("https://example.com:443/a", "example.com", 443, "/a", "example.com"),
            ("http://example.com:443/a", "example.com", 443, "/a", "example.com:443"),
            ("https://[2001:DB8:0:0::1]/", "2001:db8::1", 443, "/", "[2001:db8::1]"),
            ("https://[::1]:8443/a%20b", "::1", 8443, "/a%20b", "[::1]:8443"),
            ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example"),
            ("https://a_b.example/x?a[]=1&b=/?", "a_b.example", 443, "/x?a[]=1&b=/?", "a_b.example"),
            ("http://2130706433/", "2130706433", 80, "/", "2130706433"),
        ])
    func parses(text: String, host: String, port: Int, target: String, authority: String) throws {
        let url = try OutboundURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.authority == authority)
    }

    @Test(
        "what could be read in two ways is refused",
        arguments: [
            ("", OutboundURLError.empty), ("https://", .invalidHost), ("https:///path", .invalidHost),
            ("example.com/", .unsupportedScheme), ("//example.com/", .unsupportedScheme),
            ("ftp://example.com/", .unsupportedScheme), ("unix:///run/docker.sock", .unsupportedScheme),
            ("http+unix://%2Frun%2Fdocker.sock/", .unsupportedScheme), ("file:///etc/passwd", .unsupportedScheme),
            ("https:/example.com", .unsupportedScheme), ("https://user@example.com/", .userInfo),
            ("https://user:secret@example.com/", .userInfo), ("https://example.com@127.0.0.1/", .userInfo),
            ("https://exa mple.com/", .forbiddenCharacter), ("https://example.com/\r\nx: y", .forbiddenCharacter),
            ("https://example.com/a\u{0}", .forbiddenCharacter), ("https://example.com\\@evil/", .forbiddenCharacter),
            ("https://bücher.example/", .forbiddenCharacter), ("https://example.com/ü", .forbiddenCharacter),
            ("https://example.com:0/", .invalidPort), ("https://example.com:65536/", .invalidPort),
            ("https://example.com:/", .invalidPort), ("https://example.com:80a/", .invalidPort),
            ("https://example.com:+80/", .invalidPort), ("https://[::1/", .invalidHost),
            ("https://[fe80::1%25eth0]/", .invalidHost), ("https://[127.0.0.1]/", .invalidHost),
            ("https://[::1]x/", .invalidPort), ("https://a..b/", .invalidHost), ("https://-a.example/", .invalidHost),
            ("https://a%2eb/", .invalidHost), ("https://example.com/%zz", .invalidTarget),
            ("https://example.com/%2", .invalidTarget), ("https://example.com/{id}", .invalidTarget),
            ("https://example.com/<x>", .invalidTarget), ("https://example.com/a[0]", .invalidTarget),
        ])
    func refuses(text: String, error: OutboundURLError) {
        #expect(throws: error) { try OutboundURL(text) }
    }

    @Test("a URL beyond the limit is refused")
    func refusesLong() {
        let text = "https://example.com/" + String(repeating: "a", count: OutboundURL.maximumLength)
        #expect(throws: OutboundURLError.tooLong) { try OutboundURL(text) }
    }

    @Test("a printed URL does not show its query")
    func hidesQuery() throws {
        let url = try OutboundURL("https://example.com/hook?token=secret")
        #expect("\(url)" == "https://example.com/hook")
        #expect(url.origin == "https://example.com")
    }
}

import Egress
import NIOCore
import Testing

@Suite("CIDR")
struct CIDRTests {
    @Test(
        "blocks contain what their prefix says",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("0.0.0.0/0", "255.255.255.255", true), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7/32", "192.0.2.6", false), ("192.0.2.128/25", "192.0.2.127", false), ("::/0", "ff::1", true),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fc00::1", false), ("::1", "::1", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("0.0.0.0/0", "::1", false), ("::/0", "1.1.1.1", false),
        ])
    func contains(block: String, address: String, expected: Bool) throws {
        #expect(try CIDR(block).contains(SocketAddress(ipAddress: address, port: 0)) == expected)
    }

    @Test(
        "what is not a block is refused",
        arguments: [
            ("", CIDRError.invalidAddress("")), ("10.0.0/8", .invalidAddress("10.0.0/8")),
            ("host/8", .invalidAddress("host/8")), ("fe80::1%eth0/64", .invalidAddress("fe80::1%eth0/64")),
            ("10.0.0.0/33", .invalidPrefixLength("10.0.0.0/33")), ("10.0.0.0/", .invalidPrefixLength("10.0.0.0/")),
            ("10.0.0.0/-1", .invalidPrefixLength("10.0.0.0/-1")), ("10.0.0.0/+8", .invalidPrefixLength("10.0.0.0/+8")),
            ("::/129", .invalidPrefixLength("::/129")), ("10.0.0.1/8", .hostBitsSet("10.0.0.1/8")),
            ("fd00::1/8", .hostBitsSet("fd00::1/8")),
        ])
    func refuses(text: String, error: CIDRError) {
        #expect(throws: error) { try CIDR(text) }
    }

    @Test("a block describes itself so that it can be read again", arguments: ["10.1.0.0/16", "fd00::/8", "::1"])
    func describes(text: String) throws {
        let block = try CIDR(text)
        #expect(try CIDR(block.description) == block)
    }
}

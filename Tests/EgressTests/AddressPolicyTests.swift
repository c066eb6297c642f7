import NIOCore
import Testing

@testable import Egress

@Suite("Address policy")
struct AddressPolicyTests {
    @Test(
        "what is not the public internet is refused",
        arguments: [
            ("0.0.0.0", AddressRefusal.unspecified), ("0.1.2.3", .reserved), ("10.255.0.1", .privateUse),
            ("100.64.0.1", .sharedAddressSpace), ("100.127.255.255", .sharedAddressSpace), ("127.0.0.1", .loopback),
            ("127.255.255.254", .loopback), ("169.254.169.254", .linkLocal), ("172.16.0.1", .privateUse),
            ("172.31.255.255", .privateUse), ("168.63.129.16", .reserved), ("192.0.0.1", .reserved),
            ("192.0.2.1", .documentation), ("192.88.99.1", .reserved), ("192.168.1.1", .privateUse),
            ("198.18.0.1", .benchmarking), ("198.19.255.255", .benchmarking), ("198.51.100.1", .documentation),
            ("203.0.113.1", .documentation), ("224.0.0.1", .multicast), ("239.255.255.255", .multicast),
            ("240.0.0.1", .reserved), ("255.255.255.255", .reserved), ("::", .unspecified), ("::1", .loopback),
            ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("fec0::1", .privateUse), ("fc00::1", .privateUse),
            ("fdff::1", .privateUse), ("ff02::1", .multicast), ("2001:db8::1", .documentation),
            ("3fff::1", .documentation), ("2001:2::1", .benchmarking), ("2001:20::1", .reserved),
            ("100::1", .reserved), ("5f00::1", .reserved), ("4000::1", .reserved),
        ])
    func refusesSpecial(address: String, reason: AddressRefusal) throws {
        #expect(try verdict(address) == .refused(reason))
        #expect(try verdict(address, AddressPolicy(allowsPlainHTTP: true), .http) == .refused(reason))
    }

    @Test(
        "public addresses are allowed, next to a special block too",
        arguments: [
            "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
            "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",
            "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2001:200::1", "2003::1",
        ])
    func allowsPublic(address: String) throws {
        #expect(try verdict(address) == .allowed)
    }

    @Test(
        "an IPv6 form of a forbidden IPv4 address is judged as that address",
        arguments: [
            ("::ffff:127.0.0.1", AddressRefusal.loopback), ("::ffff:10.0.0.1", .privateUse),
            ("::ffff:169.254.169.254", .linkLocal), ("::ffff:0.0.0.0", .unspecified), ("::127.0.0.1", .loopback),
            ("::ffff:0:10.0.0.1", .privateUse), ("64:ff9b::10.0.0.1", .privateUse),
            ("64:ff9b::7f00:1", .loopback), ("64:ff9b:1::192.168.0.1", .privateUse), ("2002:7f00:1::", .loopback),
            ("2002:a00:1::1", .privateUse), ("2002:a9fe:a9fe::", .linkLocal),
            // Teredo: the server's address as it is, the client's inverted.
            ("2001:0:7f00:1::", .loopback), ("2001:0:808:808::80ff:fffe", .loopback),
        ])
    func judgesEmbedded(address: String, reason: AddressRefusal) throws {
        #expect(try verdict(address) == .refused(reason))
        let listed = AddressPolicy(allowed: [try CIDR("::/0")])
        #expect(try verdict(address, listed) == .refused(reason), "a listed form does not lift the IPv4 rules")
    }

    @Test(
        "an IPv6 form of a public IPv4 address needs its own block listed",
        arguments: [
            "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::8.8.8.8", "2002:808:808::1",
            "2001:0:808:808::f7f7:f7f7",
        ])
    func refusesEmbeddedForms(address: String) throws {
        #expect(try verdict(address) == .refused(.embeddedIPv4))
        #expect(try verdict(address, AddressPolicy(allowed: [CIDR("::/0")])) == .allowed)
    }

    @Test("local NAT64 addresses are judged in both places where the IPv4 address may be")
    func judgesLocalNAT64() throws {
        let policy = AddressPolicy(allowed: [try CIDR("64:ff9b:1::/48")])
        #expect(try verdict("64:ff9b:1::8.8.8.8", policy) == .allowed)
        #expect(try verdict("64:ff9b:1:a00:0:100:808:808", policy) == .refused(.privateUse))
    }

    @Test("a listed block is allowed, also over plain http, and its neighbours are not")
    func allowsListed() throws {
        let policy = AddressPolicy(allowed: [try CIDR("10.1.0.0/16"), try CIDR("fd00::/8")])
        for scheme in [OutboundURL.Scheme.http, .https] {
            #expect(try verdict("10.1.2.3", policy, scheme) == .allowed)
            #expect(try verdict("fd12::1", policy, scheme) == .allowed)
            #expect(try verdict("10.2.0.0", policy, scheme) == .refused(.privateUse))
            #expect(try verdict("fc00::1", policy, scheme) == .refused(.privateUse))
        }
    }

    @Test("plain http needs a listed block or the switch")
    func plainHTTP() throws {
        #expect(try verdict("1.1.1.1", AddressPolicy(), .http) == .refused(.plainHTTP))
        #expect(try verdict("1.1.1.1", AddressPolicy(allowsPlainHTTP: true), .http) == .allowed)
        let nat64 = AddressPolicy(allowed: [try CIDR("64:ff9b::/96")])
        #expect(try verdict("64:ff9b::8.8.8.8", nat64, .https) == .allowed)
        #expect(try verdict("64:ff9b::8.8.8.8", nat64, .http) == .refused(.plainHTTP))
    }

    @Test("a Unix domain socket is never allowed")
    func refusesUnixSockets() throws {
        let address = try SocketAddress(unixDomainSocketPath: "/run/docker.sock")
        let policy = AddressPolicy(allowed: [try CIDR("0.0.0.0/0"), try CIDR("::/0")])
        #expect(policy.verdict(for: address, scheme: .https) == .refused(.notInternet))
    }

    private func verdict(
        _ address: String, _ policy: AddressPolicy = AddressPolicy(), _ scheme: OutboundURL.Scheme = .https
    ) throws -> AddressPolicy.Verdict {
        policy.verdict(for: try SocketAddress(ipAddress: address, port: 443), scheme: scheme)
    }
}

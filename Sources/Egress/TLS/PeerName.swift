internal import NIOSSL

/// Checks that a certificate bears the very name that was asked for.
///
/// NIOSSL is content with a certificate for the IP address it happened to connect to, even where a name was asked
/// for: who can forge a DNS answer and holds a certificate for an address of his own would pass for any host.
enum PeerName {
    /// Whether one of the certificate's DNS names is the host's, or a wildcard in place of its first label
    /// (RFC 9525 §6.3). Without any alternative name NIOSSL has already compared the common name.
    static func matches(_ certificate: NIOSSLCertificate, host: String) -> Bool {
        let names = certificate._subjectAlternativeNames()
        return names.isEmpty
            || names.contains { $0.nameType == .dnsName && matches(pattern: Array($0.contents), host: host) }
    }

    static func matches(pattern: [UInt8], host: String) -> Bool {
        let pattern = pattern.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let host = Array(host.utf8)
        guard pattern.starts(with: "*.".utf8) else { return pattern == host }
        guard let dot = host.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return false }
        let parent = host[(dot + 1)...]
        return parent.contains(UInt8(ascii: ".")) && pattern.dropFirst(2).elementsEqual(parent)
    }
}

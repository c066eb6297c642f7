internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The trust and identity of TLS connections; connections are shared only within one profile.
///
/// Two profiles are equal when they are the same one: ``TLSProfileCache`` hands out one per material. Every profile
/// verifies certificate and host name, offers `http/1.1` only and speaks TLS 1.2 or later.
package struct TLSProfile: Sendable, Hashable {
    /// The system's roots, no client certificate.
    package static let system = TLSProfile(own: nil)

    /// Reading the system's roots takes memory and time, so it waits for the first connection that needs them.
    private static let systemContext = Result { () throws(TLSProfileError) in try context(TLSMaterial()) }
    private static let lastIdentifier = Atomic<UInt64>(0)

    package let id: UInt64
    /// nil for the system's.
    private let own: NIOSSLContext?

    /// Builds a profile; takes some milliseconds, so better not on an event loop.
    package init(_ material: TLSMaterial) throws(TLSProfileError) {
        self.init(own: try Self.context(material))
    }

    private init(own: NIOSSLContext?) {
        self.own = own
        id = Self.lastIdentifier.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func context() throws(TLSProfileError) -> NIOSSLContext {
        if let own { own } else { try Self.systemContext.get() }
    }

    package static func == (left: TLSProfile, right: TLSProfile) -> Bool { left.id == right.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    private static func context(_ material: TLSMaterial) throws(TLSProfileError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        if let roots = material.trustRootsPEM {
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(roots), !certificates.isEmpty else {
                throw .invalidTrustRoots
            }
            configuration.trustRoots = .certificates(certificates)
        }
        switch (material.certificateChainPEM, material.privateKeyPEM) {
        case (nil, nil): break
        case (let chain?, let key?): try identify(&configuration, chain: chain, key: key)
        default: throw .incompleteIdentity
        }
        guard let context = try? NIOSSLContext(configuration: configuration) else { throw .refused }
        return context
    }

    private static func identify(
        _ configuration: inout TLSConfiguration, chain: [UInt8], key: [UInt8]
    ) throws(TLSProfileError) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(chain), !certificates.isEmpty else {
            throw .invalidCertificateChain
        }
        guard let privateKey = try? NIOSSLPrivateKey(bytes: key, format: .pem) else { throw .invalidPrivateKey }
        configuration.certificateChain = certificates.map { .certificate($0) }
        configuration.privateKey = .privateKey(privateKey)
    }
}

extension TLSProfile: CustomStringConvertible {
    package var description: String { "TLSProfile(\(id))" }
}

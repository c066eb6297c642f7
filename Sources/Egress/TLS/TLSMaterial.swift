/// What a TLS profile is made of, all PEM; verification of the server is never optional.
///
/// Its description shows neither certificates nor the key.
package struct TLSMaterial: Sendable, Hashable {
    /// The only roots that are trusted; nil for the system's.
    package var trustRootsPEM: [UInt8]?
    /// The client's certificate, followed by intermediates (mutual TLS).
    package var certificateChainPEM: [UInt8]?
    package var privateKeyPEM: [UInt8]?

    package init(
        trustRootsPEM: [UInt8]? = nil, certificateChainPEM: [UInt8]? = nil, privateKeyPEM: [UInt8]? = nil
    ) {
        self.trustRootsPEM = trustRootsPEM
        self.certificateChainPEM = certificateChainPEM
        self.privateKeyPEM = privateKeyPEM
    }
}

extension TLSMaterial: CustomStringConvertible, CustomReflectable {
    package var description: String { "TLSMaterial(‹redacted›)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

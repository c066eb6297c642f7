/// Why no TLS profile can be made of the given material.
package enum TLSProfileError: Error, Sendable, Hashable {
    /// The trust roots are not PEM certificates.
    case invalidTrustRoots
    /// The client certificate is not a chain of PEM certificates.
    case invalidCertificateChain
    /// The private key is not an unencrypted PEM key.
    case invalidPrivateKey
    /// A certificate without its key, or a key without its certificate.
    case incompleteIdentity
    /// The library refused the whole, for instance because key and certificate do not belong together.
    case refused
}

extension TLSProfileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidTrustRoots: "The trust roots are not PEM certificates."
        case .invalidCertificateChain: "The client certificate is not a chain of PEM certificates."
        case .invalidPrivateKey: "The private key is not an unencrypted PEM key."
        case .incompleteIdentity: "A client certificate and its private key must be given together."
        case .refused: "The TLS settings were refused: do the private key and the certificate belong together?"
        }
    }
}

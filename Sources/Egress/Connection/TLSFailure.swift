internal import NIOSSL

/// Tells the TLS library's errors apart and puts them into words without file names and addresses.
enum TLSFailure {
    static func isUncleanShutdown(_ error: any Error) -> Bool {
        if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError { true } else { false }
    }

    static func isTLS(_ error: any Error) -> Bool {
        (error is NIOSSLError && !isUncleanShutdown(error)) || error is BoringSSLError || error is NIOSSLExtraError
    }

    /// Such as `CERTIFICATE_VERIFY_FAILED`: the last words of the library's own names.
    static func reason(_ error: any Error) -> String {
        if error as? NIOSSLExtraError == .failedToValidateHostname { return "the certificate is for another host" }
        let text = String(describing: error)
        let names = text.split { !($0.isUppercase || $0.isNumber || $0 == "_") || !$0.isASCII }
            .filter { $0.contains("_") && $0.contains(where: \.isUppercase) && $0 != "OPENSSL_internal" }
        return names.last.map { $0.lowercased().split(separator: "_").joined(separator: " ") } ?? "the handshake failed"
    }
}

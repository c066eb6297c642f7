internal import Glibc

/// Why the files that an `amqps` connection was given cannot be used.
package struct TLSOptionsError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A file is missing or may not be read.
        case fileUnreadable = "AMQP_TLS_FILE_UNREADABLE"
        /// A file holds no certificate in PEM.
        case notCertificates = "AMQP_TLS_NOT_CERTIFICATES"
        /// A file holds no private key in PEM, or one that is encrypted.
        case notAKey = "AMQP_TLS_NOT_A_KEY"
        /// A certificate without its key, or a key without its certificate.
        case incomplete = "AMQP_TLS_INCOMPLETE"
        /// The key is not that of the certificate.
        case keyMismatch = "AMQP_TLS_KEY_MISMATCH"
        /// The TLS library refuses the settings for another reason.
        case unusable = "AMQP_TLS_UNUSABLE"
    }

    package let code: Code
    package let message: String
    package let remediation: String
    /// The words of the system or of the TLS library.
    package let cause: String?

    package var description: String {
        "\(code.rawValue): \(message) \(remediation)" + (cause.map { " (\($0))" } ?? "")
    }
}

extension TLSOptionsError {
    static func unreadable(_ file: String, _ error: Int32) -> TLSOptionsError {
        TLSOptionsError(
            code: .fileUnreadable, message: "The file \(file) cannot be read.",
            remediation: "Correct its path, or let the service's user read it.", cause: String(cString: strerror(error))
        )
    }

    static func notCertificates(_ file: String, _ error: any Error) -> TLSOptionsError {
        TLSOptionsError(
            code: .notCertificates, message: "The file \(file) holds no certificate.",
            remediation: "Name a PEM file that begins with BEGIN CERTIFICATE.", cause: String(describing: error))
    }

    static func notAKey(_ file: String, _ error: any Error) -> TLSOptionsError {
        TLSOptionsError(
            code: .notAKey, message: "The file \(file) holds no private key that can be used.",
            remediation: "Name a PEM file with an unencrypted key.", cause: String(describing: error))
    }

    static func incomplete(_ file: String) -> TLSOptionsError {
        TLSOptionsError(
            code: .incomplete, message: "The file \(file) is of no use alone: certificate and key belong together.",
            remediation: "Name the files of both, or of neither.", cause: nil)
    }

    static func keyMismatch(_ key: String, _ certificate: String, _ error: any Error) -> TLSOptionsError {
        TLSOptionsError(
            code: .keyMismatch, message: "The key in \(key) is not that of the certificate in \(certificate).",
            remediation: "Name the key that the certificate was made for; the leaf comes first in its file.",
            cause: String(describing: error))
    }

    static func unusable(_ error: any Error) -> TLSOptionsError {
        TLSOptionsError(
            code: .unusable, message: "The TLS settings of the broker's connection cannot be used.",
            remediation: "Check the file of authorities.", cause: String(describing: error))
    }
}

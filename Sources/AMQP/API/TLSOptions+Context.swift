internal import Glibc
internal import NIOCore
internal import NIOSSL

extension TLSOptions {
    /// Reads every file as a connection would, so that a mistake is found at the start and not at the first attempt.
    package func check() throws(TLSOptionsError) {
        _ = try makeContext()
    }

    /// Reads the files, once for each connection attempt, so that renewed certificates are picked up.
    func makeContext() throws(TLSOptionsError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let caFile { configuration.trustRoots = .certificates(try Self.certificates(caFile)) }
        switch (certificateFile, privateKeyFile) {
        case (nil, nil): break
        case (let certificateFile?, let privateKeyFile?):
            configuration.certificateChain = try Self.certificates(certificateFile).map { .certificate($0) }
            configuration.privateKey = .privateKey(try Self.privateKey(privateKeyFile))
        case (let file?, nil), (nil, let file?): throw .incomplete(file)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw privateKeyFile.map { .keyMismatch($0, certificateFile ?? "", error) } ?? .unusable(error)
        }
    }

    /// A host given as an address is verified against the addresses in the certificate.
    static func makeHandler(context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    private static func certificates(_ file: String) throws(TLSOptionsError) -> [NIOSSLCertificate] {
        guard access(file, R_OK) == 0 else { throw .unreadable(file, errno) }
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(file)
            guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            return certificates
        } catch {
            throw .notCertificates(file, error)
        }
    }

    private static func privateKey(_ file: String) throws(TLSOptionsError) -> NIOSSLPrivateKey {
        guard access(file, R_OK) == 0 else { throw .unreadable(file, errno) }
        do { return try NIOSSLPrivateKey(file: file, format: .pem) } catch { throw .notAKey(file, error) }
    }
}

import Foundation
import NIOSSL
import Testing

/// A throwaway certificate authority and what it signed, made by the `openssl` command in a temporary folder.
struct Certificates: Sendable {
    let authority: [UInt8]
    let otherAuthority: [UInt8]
    let valid: Identity
    let expired: Identity
    let client: Identity

    struct Identity: Sendable {
        let chain: [UInt8]
        let key: [UInt8]
    }

    static let shared = Result { try Certificates() }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "egress-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }
        func identity(_ name: String, _ names: String, _ validity: String) throws -> Identity {
            try Self.openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key -out \(name).csr "
                    + "-subj /CN=\(name)", folder)
            try Data("subjectAltName=\(names)\n".utf8).write(to: folder.appending(path: "\(name).ext"))
            try Self.openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -out \(name).pem "
                    + "-extfile \(name).ext \(validity)", folder)
            return Identity(chain: try read("\(name).pem"), key: try read("\(name).key"))
        }
        for name in ["ca", "other"] {
            try Self.openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key "
                    + "-out \(name).pem -days 2 -subj /CN=test-\(name)", folder)
        }
        authority = try read("ca.pem")
        otherAuthority = try read("other.pem")
        valid = try identity("valid", "DNS:valid.example,IP:127.0.0.1", "-days 2")
        expired = try identity("expired", "DNS:valid.example,IP:127.0.0.1", "-days -1")
        client = try identity("client", "DNS:client.example", "-days 2")
    }

    func serverContext(_ identity: Identity, clientAuthority: [UInt8]? = nil) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(identity.chain).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem)))
        // Listed first what must not be chosen.
        configuration.applicationProtocols = ["h2", "http/1.1"]
        if let clientAuthority {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(clientAuthority))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private static func openssl(_ arguments: String, _ folder: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}

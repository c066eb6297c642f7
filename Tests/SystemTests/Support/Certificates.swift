import Foundation
import Testing

/// Certificates made for one test, as files in a folder.
struct Certificates: Sendable {
    let folder: URL

    /// An authority, a broker's certificate for `broker.example`, and a client's.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        try openssl("\(new) -x509 -keyout ca.key -out ca.pem -days 2 -subj /CN=authority")
        for (name, purpose) in [("broker", "serverAuth"), ("client", "clientAuth")] {
            try openssl("\(new) -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
            let extensions = "subjectAltName=DNS:\(name).example\nextendedKeyUsage=\(purpose)\n"
            try Data(extensions.utf8).write(to: folder.appending(path: "\(name).ext"))
            try openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -out \(name).pem "
                    + "-extfile \(name).ext -days 2")
        }
    }

    func path(_ file: String) -> String { folder.appending(path: file).path }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}

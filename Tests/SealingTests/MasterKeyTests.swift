import Foundation
import Sealing
import Testing

@Suite struct MasterKeyTests {
    private let hexadecimal = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

    @Test func `hexadecimal and Base64 are the same key`() throws {
        let key = try MasterKey(text: " \(hexadecimal)\n")
        #expect(key.reveal() == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        #expect(try MasterKey(text: key.reveal()).reveal() == key.reveal())
    }

    @Test(arguments: ["", "short", String(repeating: "zz", count: 32), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"])
    func `anything else is refused`(text: String) {
        #expect(throws: SealingError.self) { try MasterKey(text: text) }
    }

    @Test func `a key never prints`() throws {
        let key = try MasterKey(text: hexadecimal)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("AAECAw"))
            #expect(!text.contains("31"))
            #expect(text.contains("redacted"))
        }
    }

    @Test func `a key file is made once, for its owner only`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("master.key").path
        let made = try MasterKey.loadOrCreate(file: path)
        #expect(try MasterKey.loadOrCreate(file: path).reveal() == made.reveal())
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["master.key"])
    }

    @Test func `a key file that holds no key is an error, never replaced`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try Data("not a key".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SealingError.self) { try MasterKey.loadOrCreate(file: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "not a key")
        #expect(throws: SealingError.file(operation: "create", path: "/nowhere/k", code: ENOENT)) {
            do {
                _ = try MasterKey.loadOrCreate(file: "/nowhere/k")
            } catch SealingError.file(let operation, _, let code) {
                throw SealingError.file(operation: operation, path: "/nowhere/k", code: code)
            }
        }
    }
}

import Distribution
import Glibc
import Orchestrator
import Sealing

/// The bootstrap key: made on first start, kept in the data folder with mode 0600, bound to no domain.
enum AdminKey {
    private static let prefix = "cck_"

    /// The key in the file, made where there is none, and known to the ledger in any case.
    ///
    /// A new key is written beside its file first, then admitted, then put in place: wherever the process ends meanwhile,
    /// the next start finds a key that the ledger knows, or none and makes another.
    static func ensure(file path: String, useCases: DistributionUseCases) async throws -> Secret {
        if let key = try read(path) {
            if try await isKnown(key, useCases) { return key }
            // A ledger that was lost, or is new, takes the key that its owner has.
            guard try await useCases.knowsNoKey() else { throw AdminKeyUnknown(path: path) }
            try await admit(key, useCases)
            return key
        }
        let draft = path + ".new"
        if let key = try read(draft), try await isKnown(key, useCases) {
            try Files.move(draft, to: path)
            return key
        }
        let key = try create(draft)
        try await admit(key, useCases)
        try Files.move(draft, to: path)
        return key
    }

    private static func admit(_ key: Secret, _ useCases: DistributionUseCases) async throws(Refusal) {
        _ = try await useCases.admitKey(key, name: "bootstrap", domainID: nil, scopes: Set(APIKey.Scope.allCases))
    }

    private static func isKnown(_ key: Secret, _ useCases: DistributionUseCases) async throws(Refusal) -> Bool {
        do throws(Refusal) {
            _ = try await useCases.authenticate(key)
            return true
        } catch {
            guard error.code == .authInvalidAPIKey else { throw error }
            return false
        }
    }

    private static func read(_ path: String) throws(FileError) -> Secret? {
        do throws(FileError) {
            let text = String(decoding: try Files.read(path, maximumSize: 4096), as: UTF8.self).trimmed
            return text.isEmpty ? nil : Secret(text)
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    private static func create(_ path: String) throws -> Secret {
        let random = Base64.encode(try randomBytes(32))
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        let text = Array((prefix + random + "\n").utf8)
        guard fchmod(descriptor, 0o600) == 0, write(descriptor, text, text.count) == text.count,
            fsync(descriptor) == 0
        else { throw FileError(path: path, code: errno) }
        return Secret(prefix + random)
    }
}

/// The key in the data folder is not one of this ledger's, or was revoked.
struct AdminKeyUnknown: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "The key in \(path) is revoked or belongs to another ledger. Remove the file to have a new key made."
    }
}

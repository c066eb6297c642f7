import FoundationEssentials

/// What the file system says of a path.
struct FileStatus: Sendable {
    let size: UInt64
    let isFolder: Bool
    private let permissions: UInt

    /// Nil where there is nothing, or nothing to be seen by this user.
    init?(_ path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let permissions = attributes[.posixPermissions] as? UInt
        else { return nil }
        self.permissions = permissions & 0o7777
        size = attributes[.size] as? UInt64 ?? 0
        isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
    }

    /// As `chmod` takes it: `0700`.
    var mode: String { "0" + String(permissions, radix: 8) }

    var isOpenToOthers: Bool { permissions & 0o077 != 0 }
}

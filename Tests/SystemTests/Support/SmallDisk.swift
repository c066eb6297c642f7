import Foundation
import Glibc

/// A file system of its own, in memory, that can be filled to its last byte; only root may have one.
struct SmallDisk: Sendable {
    let path: String

    /// Whether this process may mount one.
    static let isPossible: Bool = {
        guard let disk = try? SmallDisk(mebibytes: 1) else { return false }
        disk.remove()
        return true
    }()

    init(mebibytes: Int) throws {
        path = FileManager.default.temporaryDirectory.path + "/clawcast-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw SystemTestError("No file system can be mounted here: error \(errno).")
        }
    }

    /// Takes up all that is free.
    func fill() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw SystemTestError("The filler cannot be made: error \(errno).") }
        defer { close(descriptor) }
        for size in [1_048_576, 4_096, 1] {
            let bytes = [UInt8](repeating: 0, count: size)
            while write(descriptor, bytes, size) == size {}
        }
    }

    /// Frees what was filled.
    func relieve() throws {
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    func remove() {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }
}

import Glibc

extension MasterKey {
    /// Reads a key file: the text that ``init(text:)`` takes, at most 4 KiB.
    package init(contentsOfFile path: String) throws(SealingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SealingError.file(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw SealingError.file(operation: "read", path: path, code: errno) }
        try self.init(text: String(decoding: bytes.prefix(count), as: UTF8.self))
    }

    /// The key in a file, made first where there is none.
    ///
    /// The file appears whole, with mode 0600, and on disk, or not at all; of two processes that make it at once both
    /// get the same key.
    package static func loadOrCreate(file path: String) throws(SealingError) -> MasterKey {
        do {
            return try MasterKey(contentsOfFile: path)
        } catch .file(_, _, ENOENT) {
            try create(file: path)
            return try MasterKey(contentsOfFile: path)
        }
    }

    private static func create(file path: String) throws(SealingError) {
        let key = try MasterKey.generate()
        let draft = "\(path).\(Hexadecimal.encode(try randomBytes(8)))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SealingError.file(operation: "create", path: draft, code: errno) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        let text = Array((key.reveal() + "\n").utf8)
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
            throw SealingError.file(operation: "write", path: draft, code: errno)
        }
        // A link never replaces what is there, as a rename would.
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw SealingError.file(operation: "create", path: path, code: errno)
        }
        try syncFolder(of: path)
    }

    private static func syncFolder(of path: String) throws(SealingError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SealingError.file(operation: "open", path: folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SealingError.file(operation: "sync", path: folder, code: errno) }
    }
}

import Glibc

/// Whole small files, read and written without Foundation.
enum FileBytes {
    /// Everything up to the end of the file, or up to the first error.
    static func read(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let chunk = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                var got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                while got < 0 && errno == EINTR { got = Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
                count = max(got, 0)
            }
            guard !chunk.isEmpty else { return bytes }
            bytes += chunk
        }
    }

    /// The file's text, or nil where it cannot be read.
    static func text(at path: String) -> String? {
        guard let file = try? OwnedDescriptor.open(path, O_RDONLY) else { return nil }
        return String(decoding: read(file.number), as: UTF8.self)
    }

    /// Replaces the file in one step; a reader sees the old text or the new one.
    static func replace(_ path: String, with text: String, mode: mode_t = 0o600) throws(LocalBrokerError) {
        let draft = "\(path).new"
        unlink(draft)
        let file = try OwnedDescriptor.open(draft, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        var rest = text
        let complete = rest.withUTF8 { bytes in write(file.number, bytes.baseAddress, bytes.count) == bytes.count }
        guard complete, fsync(file.number) == 0, rename(draft, path) == 0 else { throw .file(path, errno) }
    }
}

import Glibc

/// A file that could not be read or written.
struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    let path: String
    /// The system's error number.
    let code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))." }
}

/// Whole files, as the commands read and write them.
enum Files {
    /// - Parameter maximumSize: in bytes; a longer file is refused with `EFBIG`.
    static func read(_ path: String, maximumSize: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        return try read(descriptor, named: path, maximumSize: maximumSize)
    }

    /// The first bytes of a file, fewer where it is shorter.
    static func readHead(_ path: String, size: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = Glibc.read(descriptor, &bytes, size)
        guard count >= 0 else { throw FileError(path: path, code: errno) }
        return Array(bytes.prefix(count))
    }

    /// Everything that comes in on standard input.
    static func readStandardInput(maximumSize: Int) throws(FileError) -> [UInt8] {
        try read(STDIN_FILENO, named: "standard input", maximumSize: maximumSize)
    }

    /// Puts a file in the place of another, in one step that a power cut leaves whole.
    static func move(_ path: String, to destination: String) throws(FileError) {
        guard rename(path, destination) == 0 else { throw FileError(path: destination, code: errno) }
        let folder = destination.lastIndex(of: "/").map { String(destination[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(path: folder, code: errno) }
    }

    private static func read(
        _ descriptor: Int32, named path: String, maximumSize: Int
    ) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path: path, code: errno) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumSize else { throw FileError(path: path, code: EFBIG) }
        }
    }
}

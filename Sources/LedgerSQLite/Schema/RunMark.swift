import Distribution
import Glibc

/// What the lock file tells the next process: who ran, in which boot of the machine, and which rows may be missing.
///
/// Three lines: the process, the boot (`-` once the ledger was closed) and a time in milliseconds, or nothing. A process
/// that finds an earlier boot there knows that the machine stopped under its predecessor, which can have taken the last
/// commits that were not to be on disk at once.
struct RunMark: Sendable {
    /// Rows that were changed before this may have moved on since, by a commit that is lost; nil where the machine never
    /// stopped under a process.
    let uncertainBefore: Timestamp?

    /// Reads the mark of the last process and leaves that of this one.
    ///
    /// - Parameter boot: The machine's present boot; nil where that cannot be known, and nothing is suspected then.
    /// - Returns: nil where the file cannot be written; `errno` tells why.
    init?(replacing descriptor: Int32, boot: String?, now: Timestamp) {
        let lines = Self.read(descriptor).split(separator: "\n", omittingEmptySubsequences: false)
        let last = lines.count > 1 ? String(lines[1]) : ""
        let hasStopped = boot != nil && !last.isEmpty && last != Self.closed && last != boot
        let earlier = lines.count > 2 ? Int64(lines[2]).map(Timestamp.init(milliseconds:)) : nil
        uncertainBefore = hasStopped ? now : earlier
        guard write(boot: boot ?? Self.closed, to: descriptor) else { return nil }
    }

    /// Notes that everything is on disk, whatever happens to the machine.
    ///
    /// - Parameter descriptor: That of the file, which is still open.
    func noteClosed(in descriptor: Int32) {
        // Left undone, the next process suspects too much, which costs nothing but a word.
        _ = write(boot: Self.closed, to: descriptor)
    }

    /// Names the machine's present boot (proc(5)).
    static func currentBoot() -> String? {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let text = read(descriptor).prefix { $0 != "\n" }
        return text.isEmpty ? nil : String(text)
    }

    private static let closed = "-"

    private static func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    private func write(boot: String, to descriptor: Int32) -> Bool {
        let time = uncertainBefore.map { "\($0.milliseconds)" } ?? ""
        let text = Array("\(getpid())\n\(boot)\n\(time)\n".utf8)
        return ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, text.count, 0) == text.count
            && fsync(descriptor) == 0
    }
}

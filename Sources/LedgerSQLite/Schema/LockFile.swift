import Distribution
import Glibc

/// Holds a ledger for one process: an advisory lock on a file beside it, which ends with the process however it ends.
struct LockFile: ~Copyable {
    private let mark: RunMark
    private let descriptor: Int32

    /// - Parameter boot: The machine's present boot.
    /// - Throws: A ``LedgerError`` that names the process that holds the lock.
    init(path: String, boot: String?, now: Timestamp) throws(LedgerError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError(kind: .unavailable, message: "Cannot open \(path): error \(errno).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw LedgerError(
                kind: .unavailable,
                message: "The ledger is in use by process \(holder). Stop that process, or use another ledger.")
        }
        guard let mark = RunMark(replacing: descriptor, boot: boot, now: now) else {
            let code = errno
            close(descriptor)
            throw LedgerError(kind: .unavailable, message: "Cannot write \(path): error \(code).")
        }
        self.mark = mark
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// See ``RunMark/uncertainBefore``.
    var uncertainBefore: Timestamp? { mark.uncertainBefore }

    /// See ``RunMark/noteClosed(in:)``.
    func noteClosed() {
        mark.noteClosed(in: descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(count, 0)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }
}

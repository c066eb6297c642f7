import Glibc

/// A file descriptor that is closed with its owner and never reaches a child by accident.
///
/// Its number is 10 or more, so that it can be moved to any of a child's standard numbers in any order.
struct OwnedDescriptor: ~Copyable, Sendable {
    let number: Int32

    private init(moving number: Int32) throws(LocalBrokerError) {
        let moved = fcntl(number, F_DUPFD_CLOEXEC, 10)
        let failure = errno
        close(number)
        guard moved >= 0 else { throw .system("fcntl(F_DUPFD_CLOEXEC)", failure) }
        self.number = moved
    }

    deinit { close(number) }

    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(LocalBrokerError) -> OwnedDescriptor {
        let number = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw .file(path, errno) }
        return try OwnedDescriptor(moving: number)
    }

    /// Two connected ends; reading from one meets the end of the file when the last copy of the other is closed.
    ///
    /// Sockets rather than a pipe: glibc's `pipe2` is hidden from Swift, and with `pipe` a child that another thread
    /// starts at the wrong moment would inherit an end and keep it open.
    static func pair() throws(LocalBrokerError) -> Pair {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .system("socketpair", errno)
        }
        let near: OwnedDescriptor
        do {
            near = try OwnedDescriptor(moving: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
        return Pair(near: near, far: try OwnedDescriptor(moving: ends[1]))
    }

    /// Ours and the child's.
    struct Pair: ~Copyable, Sendable {
        let near: OwnedDescriptor
        let far: OwnedDescriptor

        /// Keeps ours, closes the child's.
        consuming func keepingNear() -> OwnedDescriptor { near }
    }
}

extension LocalBrokerError {
    static func system(_ call: String, _ number: Int32) -> LocalBrokerError {
        LocalBrokerError(.system, "\(call) failed: \(String(cString: strerror(number))).")
    }

    static func file(_ path: String, _ number: Int32) -> LocalBrokerError {
        LocalBrokerError(
            .directoryUnusable,
            "\(path): \(String(cString: strerror(number))). The data folder must belong to the user who runs the broker."
        )
    }
}

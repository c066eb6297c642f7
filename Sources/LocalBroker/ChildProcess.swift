import Dispatch
import Glibc
import Synchronization

/// A child process from its start until it has been reaped.
///
/// `posix_spawn` rather than a library: the child outlives every scope and every task, leads a session of its own so
/// that Ctrl-C in a terminal does not reach it, inherits exactly the descriptors listed, and starts with default signal
/// dispositions although this process may ignore SIGTERM or SIGINT.
final class ChildProcess: Sendable {
    let pid: pid_t
    private let status = Mutex<Int32?>(nil)
    private let end = Latch()

    /// - Parameter files: the descriptors that become 0, 1, 2 … of the child; it gets no other.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String], files: [Int32]
    ) throws(LocalBrokerError) {
        pid = try Self.unwatched(executable, arguments, environment, files)
        // A blocking wait needs a thread; there is one child or two in a process's life, so a thread each is cheap.
        DispatchQueue(label: "clawcast.child").async { self.reap() }
    }

    /// The exit status as `waitpid` reports it, nil while the child lives.
    var exitStatus: Int32? { status.withLock { $0 } }

    /// Returns when the child has ended, or at once when the task is cancelled.
    func exited() async { await end.wait() }

    var hasExited: Bool { end.isOpen }

    private func reap() {
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
        status.withLock { $0 = raw }
        end.open()
    }

    /// Starts a child that the caller reaps.
    static func unwatched(
        _ executable: String, _ arguments: [String], _ environment: [String: String], _ files: [Int32]
    ) throws(LocalBrokerError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        let flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | newSession
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
        }
        for number in inheritable() where number >= Int32(files.count) {
            posix_spawn_file_actions_addclose(&actions, number)
        }

        let argv = ([executable] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, executable, &actions, &attributes, argv, envp)
        guard failure == 0 else { throw .system("Starting \(executable)", failure) }
        return pid
    }

    /// The descriptors of this process that somebody opened without close-on-exec.
    private static func inheritable() -> [Int32] {
        ProcessTable.numbers(in: "/proc/self/fd").filter { number in
            let flags = fcntl(number, F_GETFD)
            return flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }

    /// `POSIX_SPAWN_SETSID`, which glibc defines for GNU sources only.
    private static let newSession: Int32 = 0x80
}

import Glibc
import Synchronization

/// The shell process between us and one life of the node: it starts the port mapper and the node, and it stops both
/// when our end of a socket closes, which the kernel does for us whatever way we end.
final class Supervisor: Sendable {
    private let process: ChildProcess
    private let lifeline: Mutex<OwnedDescriptor?>

    /// Starts a node. The supervisor keeps a copy of the lock for as long as it lives.
    init(
        _ installation: Installation, _ directory: NodeDirectory, _ identity: NodeIdentity,
        _ configuration: PrivateBrokerConfiguration, lock: borrowing DirectoryLock
    ) throws(LocalBrokerError) {
        let pair = try OwnedDescriptor.pair()
        let console = try OwnedDescriptor.open(directory.console, O_WRONLY | O_CREAT | O_TRUNC)
        process = try ChildProcess(
            "/bin/sh",
            [
                "-c", Self.script, "clawcast-broker", installation.epmd, installation.server, installation.setsid,
                configuration.isEphemeral ? directory.path : "",
            ],
            environment: directory.environment(identity, schedulers: configuration.schedulers),
            files: [pair.far.number, console.number, console.number, lock.file.number]
        )
        lifeline = Mutex(pair.keepingNear())
    }

    var hasExited: Bool { process.hasExited }

    /// Returns when the node, the port mapper and the supervisor are gone, or at once when the task is cancelled.
    func exited() async { await process.exited() }

    /// Asks for the end of the node; `exited()` says when it has come. At most 20 s, then it is killed.
    func stop() { lifeline.withLock { $0 = nil } }

    /// Arguments: the port mapper, the server, `setsid`, and the folder to remove at the end, if any (not
    /// when the node ends by itself: its last words are in there). Descriptors: 0 is the lifeline, 1 and 2 the console,
    /// 3 the lock. The node and the port mapper inherit neither 0 nor 3; each leads a process group, so that the node
    /// can be killed together with whatever it started.
    ///
    /// RabbitMQ sets three file handles aside for each quorum queue. With a user's usual 1,024 it would serve some 300
    /// targets, and at the next start wait for handles without end, so it gets what the system allows.
    private static let script = """
        exec 4<&0 0</dev/null
        most=$(ulimit -H -n)
        if [ "$most" = unlimited ] || [ "$most" -gt 65536 ]; then most=65536; fi
        ulimit -S -n "$most"
        "$3" "$1" -address 127.0.0.1 -port "$ERL_EPMD_PORT" 3>&- 4<&- & mapper=$!
        "$3" "$2" 3>&- 4<&- & node=$!
        (
            while read -r _ <&4; do :; done
            if [ -z "$4" ]; then
                kill -s CONT -- "-$node"
                kill -s TERM "$node"
                tries=0
                while [ "$tries" -lt 200 ] && kill -0 "$node"; do
                    tries=$((tries + 1))
                    sleep 0.1 4<&-
                done
            else
                : >"$4/ending"
            fi
            kill -s KILL -- "-$node"
        ) 3>&- 2>/dev/null & watch=$!
        wait "$node"; status=$?
        kill -s KILL -- "-$node" 2>/dev/null
        kill -s KILL "$watch" "$mapper" 2>/dev/null
        wait
        [ -z "$4" ] || [ ! -e "$4/ending" ] || rm -rf -- "$4"
        exit "$status"
        """
}

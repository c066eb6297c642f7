import Glibc

/// The living processes of one node, found by the mark in their environment.
///
/// Numbers in a file go stale and are given to strangers; a mark of 128 random bits cannot be mistaken, and it finds
/// the Erlang machine, the port mapper and the shells that started them alike.
struct NodeProcesses: Sendable {
    let mark: String

    /// The Erlang machine itself, nil while it is not (or no longer) running.
    func machine() -> pid_t? {
        all().first { ProcessTable.name(of: $0) == "beam.smp" }
    }

    /// Every process of the node.
    func all() -> [pid_t] {
        let needle = Array("CLAWCAST_BROKER_MARK=\(mark)".utf8)
        return ProcessTable.everyone().filter { pid in
            guard let file = try? OwnedDescriptor.open("/proc/\(pid)/environ", O_RDONLY) else { return false }
            return FileBytes.read(file.number).split(separator: 0).contains { $0.elementsEqual(needle) }
        }
    }

    /// Ends what is left of a node whose supervisor is gone: politely first, so that it closes its files.
    ///
    /// - Returns: how many processes there were.
    @discardableResult
    func terminate() async -> Int {
        let found = all()
        guard !found.isEmpty else { return 0 }
        if let machine = machine() {
            kill(machine, SIGCONT)
            kill(machine, SIGTERM)
            for _ in 0..<100 where self.machine() != nil { await pause() }
        }
        for _ in 0..<100 {
            let rest = all()
            if rest.isEmpty { break }
            for pid in rest { kill(pid, SIGKILL) }
            await pause()
        }
        return found.count
    }

    private func pause() async { try? await Task.sleep(for: .milliseconds(100)) }
}

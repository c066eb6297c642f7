import Glibc

/// The right to run a node in a data folder.
///
/// The supervisor inherits the lock and keeps it for as long as it lives, so a folder stays locked while a node whose
/// parent was killed is still being stopped.
struct DirectoryLock: ~Copyable, Sendable {
    let file: OwnedDescriptor

    /// Takes the lock, waiting for the end of a node whose parent is gone.
    ///
    /// - Throws: `directoryInUse` where a living process holds it.
    static func acquire(_ directory: NodeDirectory) async throws(LocalBrokerError) -> DirectoryLock {
        let file = try OwnedDescriptor.open(directory.lock, O_RDWR | O_CREAT)
        // A supervisor without a parent stops its node within 20 s; after that it is taken for stuck.
        for attempt in 0..<250 {
            if flock(file.number, LOCK_EX | LOCK_NB) == 0 {
                let start = ProcessTable.startTime(of: getpid()) ?? 0
                try FileBytes.replace(directory.owner, with: "\(getpid()) \(start)\n")
                return DirectoryLock(file: file)
            }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .file(directory.lock, errno) }
            if let owner = livingOwner(directory), attempt > 2 { throw inUse(directory, by: owner) }
            if attempt == 220, let identity = try directory.loadIdentity() {
                await NodeProcesses(mark: identity.mark).terminate()
            }
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                throw LocalBrokerError(.directoryInUse, "Waiting for the earlier node to stop was cancelled.")
            }
        }
        throw LocalBrokerError(.directoryInUse, "An earlier node in \(directory.path) does not stop. Stop it by hand.")
    }

    private static func livingOwner(_ directory: NodeDirectory) -> pid_t? {
        let words = FileBytes.text(at: directory.owner)?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2, let pid = pid_t(words[0]), let start = UInt64(words[1]) else { return nil }
        return ProcessTable.startTime(of: pid) == start ? pid : nil
    }

    private static func inUse(_ directory: NodeDirectory, by owner: pid_t) -> LocalBrokerError {
        LocalBrokerError(
            .directoryInUse,
            "Process \(owner) runs a node in \(directory.path). Stop it, or choose another data folder."
        )
    }
}

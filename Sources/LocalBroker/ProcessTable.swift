import Glibc

/// What Linux tells of processes in `/proc`.
enum ProcessTable {
    static func everyone() -> [pid_t] { numbers(in: "/proc") }

    /// The entries of a folder whose names are numbers.
    static func numbers(in path: String) -> [Int32] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int32(name) { found.append(number) }
        }
        return found
    }

    static func name(of pid: pid_t) -> String? {
        FileBytes.text(at: "/proc/\(pid)/comm").map { String($0.prefix { $0 != "\n" }) }
    }

    /// Whether every thread of the process has been stopped by a signal, which on a busy machine takes a moment.
    static func isStopped(_ pid: pid_t) -> Bool {
        let threads = numbers(in: "/proc/\(pid)/task")
        return threads.allSatisfy { thread in
            // A thread without a state has ended meanwhile.
            (statistics(at: "/proc/\(pid)/task/\(thread)")?.first ?? "T") == "T"
        }
    }

    /// When the process started, in ticks since the machine did; with the number it names one process for good.
    ///
    /// Nil for one that is gone or only waits to be reaped.
    static func startTime(of pid: pid_t) -> UInt64? {
        guard let fields = statistics(at: "/proc/\(pid)"), fields.count > 19, fields[0] != "Z", fields[0] != "X"
        else { return nil }
        return UInt64(fields[19])
    }

    /// The fields of `stat` from the third, the state, on.
    private static func statistics(at path: String) -> [Substring]? {
        // The name in the second field may itself contain blanks and parentheses; the last one ends it.
        guard let text = FileBytes.text(at: "\(path)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }
}

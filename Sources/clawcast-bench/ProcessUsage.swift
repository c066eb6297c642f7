import Foundation

/// What a process has used so far, from /proc.
struct ProcessUsage: Sendable {
    /// User and system time in seconds, finished children not included.
    let cpuSeconds: Double
    /// The most memory it has held at once, in bytes.
    let peakMemoryBytes: Int
    /// The memory it holds now, in bytes.
    let memoryBytes: Int
    /// Of that, what is no page of a file.
    let anonymousBytes: Int

    init(of processID: Int32) throws {
        let stat = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        // The name in parentheses may hold spaces; fields 14 and 15 are counted after it.
        let fields = stat.drop { $0 != ")" }.split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw BenchError("/proc/\(processID)/stat cannot be read.")
        }
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        peakMemoryBytes = Self.bytes("VmHWM", in: status)
        memoryBytes = Self.bytes("VmRSS", in: status)
        anonymousBytes = Self.bytes("RssAnon", in: status)
    }

    private static func bytes(_ name: String, in status: String) -> Int {
        let field = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
            .split(whereSeparator: \.isWhitespace).dropFirst().first
        return (field.flatMap { Int($0) } ?? 0) * 1024
    }

    /// Has the most memory counted anew from now on.
    static func forgetPeak(of processID: Int32) throws {
        try "5".write(toFile: "/proc/\(processID)/clear_refs", atomically: false, encoding: .utf8)
    }
}

import Foundation

/// What a process has used so far, from /proc.
struct ProcessUsage: Sendable {
    /// User and system time in seconds, finished children not included.
    let cpuSeconds: Double
    /// The most memory it has held at once, in bytes.
    let peakMemoryBytes: Int
    /// The memory it holds that is no page of a file, in bytes.
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
        func bytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let value = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
            return (value.flatMap { Int($0) } ?? 0) * 1024
        }
        peakMemoryBytes = bytes("VmHWM")
        anonymousBytes = bytes("RssAnon")
    }

    /// Has the most memory counted anew from now on.
    static func forgetPeak(of processID: Int32) throws {
        try "5".write(toFile: "/proc/\(processID)/clear_refs", atomically: false, encoding: .utf8)
    }
}

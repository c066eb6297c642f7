import Distribution
import Glibc
import Orchestrator

/// Looks at what the operating system grants: the clock and open files.
enum MachineCheck {
    static func findings(_ configuration: ServiceConfiguration) -> [Finding] {
        [clock(), openFiles(configuration)]
    }

    /// What the usual NTP clients leave behind while they keep the clock right.
    private static let signsOfSynchronization = [
        "/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid",
    ]

    /// Signatures carry the time, and receivers refuse what is minutes off.
    private static func clock() -> Finding {
        let now = SystemTime().now()
        guard now > Timestamp(milliseconds: releasedAfter) else {
            return Finding(
                .fail, "clock", "says \(now), which is in the past", remediation: "Set it; run an NTP client.")
        }
        guard signsOfSynchronization.contains(where: { access($0, F_OK) == 0 }) else {
            return Finding(
                .skipped, "clock", "says \(now); whether anything keeps it right cannot be told from here",
                remediation: "Run an NTP client; receivers refuse signatures whose time is minutes off.")
        }
        return Finding(.ok, "clock", "says \(now) and is kept right by an NTP client")
    }

    /// 2025-01-01, before anything of this program was written.
    private static let releasedAfter: Int64 = 1_735_689_600_000

    /// Each attempt in flight may hold a connection; 64 more are for ledger, broker and API.
    private static func openFiles(_ configuration: ServiceConfiguration) -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding(.skipped, "open files", "the system does not tell its limit")
        }
        let needed = UInt(configuration.concurrency) * 2 + 64
        guard limit.rlim_cur >= needed else {
            return Finding(
                .warn, "open files", "at most \(limit.rlim_cur), and \(needed) may be needed",
                remediation: "Raise the limit (ulimit -n), or lower CLAWCAST_CONCURRENCY.")
        }
        return Finding(.ok, "open files", "up to \(limit.rlim_cur)")
    }
}

import Glibc

/// What Linux tells about this process, under the names that Prometheus's own client libraries use.
enum ProcessMetrics {
    static func exposition() -> String {
        var page = ExpositionPage()
        func add(_ name: String, _ kind: MetricKind, _ help: String, _ value: Double?) {
            guard let value else { return }
            page.family(name, kind: kind.rawValue, help: help)
            page.sample(name, labels: "", value)
        }
        let status = ProcFile.text("/proc/self/stat").flatMap(ProcessStatus.init(stat:))
        add(
            "process_cpu_seconds_total", .counter, "User and system CPU time spent in seconds.",
            status.map { Double($0.cpuTicks) / ticksPerSecond })
        add("process_max_fds", .gauge, "Maximum number of open file descriptors.", maximumDescriptors())
        add("process_open_fds", .gauge, "Number of open file descriptors.", openDescriptors())
        add(
            "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.",
            status.map { Double($0.residentPages) * pageSize })
        add(
            "process_start_time_seconds", .gauge, "Start time of the process since the Unix epoch in seconds.",
            status.flatMap { status in bootTime().map { $0 + Double(status.startTicks) / ticksPerSecond } })
        add("process_threads", .gauge, "Number of threads.", status.map { Double($0.threads) })
        add(
            "process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.",
            status.map { Double($0.virtualBytes) })
        return page.text
    }

    private static let ticksPerSecond = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    private static let pageSize = Double(max(sysconf(Int32(_SC_PAGESIZE)), 1))

    private static func bootTime() -> Double? {
        let line = ProcFile.text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    private static func maximumDescriptors() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    private static func openDescriptors() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Two entries are the folder and its parent, one is the descriptor that lists them.
        return Double(max(count - 3, 0))
    }
}

/// Fields of `/proc/<pid>/stat` (proc(5)).
struct ProcessStatus: Equatable {
    let cpuTicks: UInt64
    let threads: Int
    let startTicks: UInt64
    let virtualBytes: UInt64
    let residentPages: Int

    init?(stat: String) {
        // The command's name stands in parentheses and may hold anything, parentheses and spaces included.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
        // The first field here is the third of the line.
        guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let threads = Int(fields[17]), let start = UInt64(fields[19]), let virtual = UInt64(fields[20]),
            let resident = Int(fields[21])
        else { return nil }
        cpuTicks = user + system
        self.threads = threads
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }
}

import Testing

@testable import PrometheusExport

@Suite("Process metrics")
struct ProcessMetricsTests {
    @Test
    func `A command name may hold parentheses and spaces`() throws {
        let stat =
            "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 7 0 9000 1048576 256 184467 1 1 0 0\n"
        let status = try #require(ProcessStatus(stat: stat))
        #expect(status.cpuTicks == 300)
        #expect(status.threads == 7)
        #expect(status.startTicks == 9000)
        #expect(status.virtualBytes == 1_048_576)
        #expect(status.residentPages == 256)
    }

    @Test(arguments: ["", "42 (a", "42 (a) S 1 2 3"])
    func `A line that is not whole tells nothing`(line: String) {
        #expect(ProcessStatus(stat: line) == nil)
    }

    @Test
    func `This process is described with plausible figures`() throws {
        let page = PrometheusMetricsFactory().expositionWithProcess()
        func value(_ name: String) throws -> Double {
            let line = try #require(page.split(separator: "\n").first { $0.hasPrefix(name + " ") })
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        #expect(try value("process_cpu_seconds_total") >= 0)
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(try value("process_open_fds") >= 3)
        #expect(try value("process_threads") >= 1)
        #expect(try value("process_start_time_seconds") > 1_600_000_000)
    }
}

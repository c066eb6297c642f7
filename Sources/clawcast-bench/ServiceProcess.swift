import Foundation

/// `clawcast run` as a process of its own.
final class ServiceProcess: Sendable {
    let processID: Int32
    let dataDirectory: String
    let address: String
    private let process: ProcessBox

    init(executable: String, dataDirectory: String, amqpURL: String, concurrency: Int) throws {
        let port = try Self.freePort()
        address = "http://127.0.0.1:\(port)"
        self.dataDirectory = dataDirectory
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["run"]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "CLAWCAST_DATA_DIR": dataDirectory, "CLAWCAST_AMQP_URL": amqpURL, "CLAWCAST_HTTP": "127.0.0.1:\(port)",
            "CLAWCAST_EGRESS_ALLOW": "127.0.0.0/8", "CLAWCAST_CONCURRENCY": "\(concurrency)",
            "CLAWCAST_LOG_LEVEL": "warning",
        ]) { $1 }
        try process.run()
        processID = process.processIdentifier
        self.process = ProcessBox(process)
    }

    /// Asks it to stop, and returns when it has.
    func stop() async {
        kill(processID, SIGTERM)
        await process.waitUntilExit()
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else { throw BenchError("No port is free.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Waits for a process on a thread that may block.
private actor ProcessBox {
    private let process: Process

    init(_ process: sending Process) {
        self.process = process
    }

    func waitUntilExit() {
        process.waitUntilExit()
    }
}

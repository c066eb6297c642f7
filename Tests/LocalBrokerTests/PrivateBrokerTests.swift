import Foundation
import Glibc
import Logging
import Testing

@testable import LocalBroker

@Suite(.timeLimit(.minutes(2))) struct PrivateBrokerTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func start(in folder: TemporaryFolder) async throws -> PrivateBroker {
        try await PrivateBroker.start(PrivateBrokerConfiguration(directory: folder.path), logger: logger)
    }

    @Test func `a node may open as many files as the system allows, whatever its parent makes do with`() async throws {
        var limit = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let most = min(limit.rlim_max, 65_536)
        let before = limit
        limit.rlim_cur = min(most, limit.rlim_cur) - 1
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        defer { withUnsafePointer(to: before) { _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), $0) } }

        let folder = try TemporaryFolder()
        let broker = try await Self.start(in: folder)
        let node = try #require(broker.processID)
        let limits = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(node)/limits")), as: UTF8.self)
        let files = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        #expect(files.split(separator: " ").dropFirst(3).first == "\(most)")
        await broker.stop()
    }

    @Test func `a node keeps its data, ports and credentials over a kill, a stop and a new start`() async throws {
        let folder = try TemporaryFolder()
        let broker = try await Self.start(in: folder)
        let url = try await broker.createVirtualHost("kept")
        let first = try #require(broker.processID)

        await broker.kill()
        #expect(!broker.isRunning)
        #expect(ProcessTable.startTime(of: first) == nil)
        try await broker.restart()
        #expect(broker.processID != first)
        #expect(try await broker.createVirtualHost("kept") == url)
        #expect(try await broker.rabbitmqctl(["list_vhosts", "name"]).contains("kept"))

        await broker.stop()
        #expect(NodeProcesses(mark: broker.identity.mark).all().isEmpty)
        let error = await #expect(throws: LocalBrokerError.self) { try await broker.rabbitmqctl(["status"]) }
        #expect(error?.code == .notRunning)

        // Its port is taken while it is away: it moves and keeps the rest.
        let taken = broker.identity.ports.amqp
        let squatter = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(squatter) }
        #expect(LoopbackSocket.call(bind, squatter, taken) == 0)
        #expect(listen(squatter, 1) == 0)
        let moved = try await Self.start(in: folder)
        #expect(moved.identity.ports.amqp != taken)
        #expect(moved.credentials.password == broker.credentials.password)
        #expect(try await moved.rabbitmqctl(["list_vhosts", "name"]).contains("kept"))
        await moved.stop()
    }

    @Test func `a node whose parent was killed is stopped, not doubled, by the next start in its folder`() async throws
    {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let broker = try await PrivateBroker.start(PrivateBrokerConfiguration(directory: path), logger: logger)
            _ = try await broker.createVirtualHost("orphan")
            kill(getpid(), SIGKILL)
        }
        let orphan = try #require(try NodeDirectory(preparing: path).loadIdentity())

        let broker = try await Self.start(in: folder)
        #expect(broker.identity.mark == orphan.mark)
        let machines = NodeProcesses(mark: orphan.mark).all().filter { ProcessTable.name(of: $0) == "beam.smp" }
        #expect(machines == [try #require(broker.processID)])
        #expect(try await broker.rabbitmqctl(["list_vhosts", "name"]).contains("orphan"))

        // The supervisor alone is killed: nobody watches the node any more, and it must still not be doubled.
        let supervisors = NodeProcesses(mark: orphan.mark).all().filter { ProcessTable.name(of: $0) == "sh" }
        for supervisor in supervisors { kill(supervisor, SIGKILL) }
        await broker.exited()
        try await broker.restart()
        let restarted = NodeProcesses(mark: orphan.mark).all().filter { ProcessTable.name(of: $0) == "beam.smp" }
        #expect(restarted == [try #require(broker.processID)])
        #expect(!machines.contains(restarted[0]))
        await broker.stop()
    }

    @Test func `a second node in a folder in use is refused, one beside it is not`() async throws {
        async let starting = PrivateBroker.startTemporary(management: true, logger: Self.logger)
        let neighbour = try await SharedBroker.instance()
        let broker = try await starting
        #expect(Set(broker.identity.ports.all).isDisjoint(with: neighbour.identity.ports.all))
        #expect(neighbour.isRunning && broker.isRunning)

        #expect(try await neighbour.rabbitmqctl(["eval", "erlang:system_info(schedulers_online)."]) == "1\n")

        let again = PrivateBrokerConfiguration(directory: broker.directory.path)
        let error = await #expect(throws: LocalBrokerError.self) {
            try await PrivateBroker.start(again, logger: Self.logger)
        }
        #expect(error?.code == .directoryInUse)
        #expect(broker.isRunning)
        #expect(broker.managementURL == "http://127.0.0.1:\(broker.identity.ports.management)")

        for port in broker.identity.ports.all {
            #expect(Self.listenersBeyondLoopback(port).isEmpty)
            #expect(LoopbackSocket.accepts(port))
        }

        // A frozen node stops too: it is thawed first.
        broker.suspend()
        #expect(broker.isRunning)
        await broker.stop(removingDirectory: true)
        #expect(!broker.isRunning)
        #expect(access(broker.directory.path, F_OK) != 0)
        #expect(neighbour.isRunning)
    }

    @Test func `a node that cannot start says why and leaves nothing behind`() async throws {
        let folder = try TemporaryFolder()
        try FileBytes.replace("\(folder.path)/advanced.config", with: "this is no Erlang term")
        let error = await #expect(throws: LocalBrokerError.self) { try await Self.start(in: folder) }
        #expect(error?.code == .startFailed)
        #expect(error?.cause?.isEmpty == false)
        let identity = try #require(try NodeDirectory(preparing: folder.path).loadIdentity())
        #expect(NodeProcesses(mark: identity.mark).all().isEmpty)
    }

    @Test func `a folder that cannot be written is refused`() async throws {
        let error = await #expect(throws: LocalBrokerError.self) {
            try await PrivateBroker.start(PrivateBrokerConfiguration(directory: "/proc/nowhere"), logger: Self.logger)
        }
        #expect(error?.code == .directoryUnusable)
    }

    /// The local addresses other than 127.0.0.1 and ::1 at which the port is listened on, as `/proc/net` writes them.
    private static func listenersBeyondLoopback(_ port: Int) -> [Substring] {
        let suffix =
            ":" + String(repeating: "0", count: 4 - String(port, radix: 16).count)
            + String(port, radix: 16, uppercase: true)
        let loopback: Set<Substring> = ["0100007F", "00000000000000000000000001000000"]
        return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { table in
            (FileBytes.text(at: table) ?? "").split(separator: "\n").dropFirst().compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count > 3, fields[3] == "0A", fields[1].hasSuffix(suffix) else { return nil }
                let address = fields[1].dropLast(suffix.count)
                return loopback.contains(address) ? nil : address
            }
        }
    }
}

import Glibc
import Testing

@testable import LocalBroker

@Suite struct NodeIdentityTests {
    @Test func `an identity survives being written and read`() throws {
        let identity = try NodeIdentity.random()
        let copy = try #require(NodeIdentity(text: identity.text))
        #expect(copy.text == identity.text)
        #expect(copy.ports == identity.ports)
    }

    @Test func `two identities share nothing`() throws {
        let one = try NodeIdentity.random()
        let other = try NodeIdentity.random()
        #expect(one.mark != other.mark)
        #expect(one.cookie != other.cookie)
        #expect(one.credentials.password != other.credentials.password)
        #expect(one.credentials.password.count == 32)
    }

    @Test(arguments: ["", "mark=1\n", "nonsense"])
    func `a damaged identity is refused instead of replaced`(text: String) throws {
        let folder = try TemporaryFolder()
        let directory = try NodeDirectory(preparing: folder.path)
        try FileBytes.replace("\(folder.path)/identity", with: text)
        let error = #expect(throws: LocalBrokerError.self) { try directory.loadIdentity() }
        #expect(error?.code == .directoryUnusable)
    }

    @Test func `files with secrets can be read by their owner only`() throws {
        let folder = try TemporaryFolder()
        let directory = try NodeDirectory(preparing: "\(folder.path)/new/nested")
        try directory.store(.random(), PrivateBrokerConfiguration(directory: directory.path))
        for file in ["identity", "rabbitmq.conf", "home/.erlang.cookie"] {
            var status = stat()
            #expect(stat("\(directory.path)/\(file)", &status) == 0)
            #expect(status.st_mode & 0o077 == 0, "\(file)")
        }
    }

    @Test func `a password shows up in no description`() throws {
        let credentials = try NodeIdentity.random().credentials
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains(credentials.password))
        }
    }

    @Test func `ports lie below those of outgoing connections`() throws {
        let range = try #require(FileBytes.text(at: "/proc/sys/net/ipv4/ip_local_port_range"))
        let lowest = try #require(range.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) })
        let ports = try NodePorts.unused().all
        #expect(Set(ports).count == 4)
        #expect(ports.allSatisfy { $0 < lowest })
    }

    @Test func `a process is told from a later one with the same number by its start`() {
        #expect(ProcessTable.startTime(of: getpid()) != nil)
        #expect(ProcessTable.startTime(of: getpid()) != ProcessTable.startTime(of: 1))
        #expect(ProcessTable.startTime(of: pid_t.max) == nil)
    }
}

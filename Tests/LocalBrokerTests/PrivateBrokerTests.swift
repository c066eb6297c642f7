import Logging
import Testing

@testable import LocalBroker

@Suite(.timeLimit(.minutes(1))) struct PrivateBrokerTests {
    @Test func `a new virtual host takes logins at once`() async throws {
        let url = try await SharedBroker.freshVirtualHost()
        #expect(url.hasSuffix("/suite-1"))
        let broker = try await SharedBroker.instance()
        let hosts = try await broker.rabbitmqctl(["list_vhosts", "name"])
        #expect(hosts.split(separator: "\n").contains("suite-1"))
    }
}

import Testing

@testable import LocalBroker

@Suite(.timeLimit(.minutes(1))) struct SharedBrokerTests {
    @Test func `a fresh virtual host exists, is empty and is nobody else's`() async throws {
        let first = try await SharedBroker.freshVirtualHost()
        let second = try await SharedBroker.freshVirtualHost()
        #expect(first != second)
        let broker = try await SharedBroker.instance()
        let hosts = try await broker.rabbitmqctl(["list_vhosts", "name"]).split(separator: "\n")
        for url in [first, second] {
            let name = try #require(url.split(separator: "/").last)
            #expect(hosts.contains(name))
            #expect(try await broker.rabbitmqctl(["list_queues", "--vhost", String(name)]).isEmpty)
        }
    }

    @Test func `everybody in the process gets the same node`() async throws {
        async let one = SharedBroker.instance()
        async let other = SharedBroker.instance()
        #expect(try await one === other)
    }

    @Test(arguments: ["", "a/b", "a\"b", "größe", "a b"])
    func `a virtual host's name cannot smuggle anything into the node`(name: String) async throws {
        let broker = try await SharedBroker.instance()
        let error = await #expect(throws: LocalBrokerError.self) { try await broker.createVirtualHost(name) }
        #expect(error?.code == .commandFailed)
    }

    @Test func `a failing command tells what RabbitMQ said`() async throws {
        let broker = try await SharedBroker.instance()
        let error = await #expect(throws: LocalBrokerError.self) {
            try await broker.rabbitmqctl(["delete_vhost", "no-such-host"])
        }
        #expect(error?.code == .commandFailed)
        #expect(error?.cause?.contains("no-such-host") == true)
    }
}

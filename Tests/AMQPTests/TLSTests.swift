import AMQP
import Foundation
import LocalBroker
import Logging
import Testing

@Suite("Connections over TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    @Test func `amqps publishes and consumes, and refuses a certificate of another name or authority`() async throws {
        var logger = Logger(label: "node")
        logger.logLevel = .error
        let node = try await PrivateBroker.startTemporary(logger: logger)
        let folder = FileManager.default.temporaryDirectory.appending(path: "amqps-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Self.makeCertificates(folder)
            try await exchange(node, try await Self.listen(node, folder), folder.path)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            await node.stop(removingDirectory: true)
            throw error
        }
        try FileManager.default.removeItem(at: folder)
        await node.stop(removingDirectory: true)
    }

    private func exchange(_ node: PrivateBroker, _ port: Int, _ folder: String) async throws {
        var configuration = try ConnectionConfiguration(url: node.amqpURL)
        configuration.port = port
        configuration.tls = TLSOptions(caFile: "\(folder)/ca.pem", serverName: "broker.example")
        let settings = configuration
        try await withBroker(url: node.amqpURL) {
            $0 = settings
        } _: { broker in
            try await broker.declareQueue("q")
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 5)
            let body = [UInt8](repeating: 7, count: 300_000)
            #expect(await broker.connection.makePublisher().publish(.to("q", id: "1", body: body)) == .confirmed)
            #expect(await group.collect(1) { $0.ack() }.map(\.body) == [body])
        }
        configuration.tls = TLSOptions(caFile: "\(folder)/ca.pem", serverName: "other.example")
        #expect(try await ConnectionFaultTests.firstError(configuration).contains("TLS"))
        configuration.tls = TLSOptions(caFile: "\(folder)/other.pem", serverName: "broker.example")
        #expect(try await ConnectionFaultTests.firstError(configuration).contains("TLS"))
    }

    /// Has the node listen with TLS on a port of its own choice.
    private static func listen(_ node: PrivateBroker, _ folder: URL) async throws -> Int {
        let answer = try await node.rabbitmqctl([
            "eval",
            """
            {ok, _} = application:ensure_all_started(ssl),
            {ok, S} = gen_tcp:listen(0, [{ip, {127,0,0,1}}]), {ok, Port} = inet:port(S), ok = gen_tcp:close(S),
            ok = rabbit_networking:start_ssl_listener({"127.0.0.1", Port, inet}, [
                {certfile, "\(folder.path)/broker.pem"}, {keyfile, "\(folder.path)/broker.key"}], 1),
            Port.
            """,
        ])
        return try #require(Int(answer.filter(\.isNumber)), "\(answer)")
    }

    /// A certificate authority with the broker's certificate, and an authority that signed nothing.
    private static func makeCertificates(_ folder: URL) throws {
        let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        for name in ["ca", "other"] {
            try openssl("\(new) -x509 -keyout \(name).key -out \(name).pem -days 2 -subj /CN=\(name)", folder)
        }
        try openssl("\(new) -keyout broker.key -out broker.csr -subj /CN=broker", folder)
        try Data("subjectAltName=DNS:broker.example\n".utf8).write(to: folder.appending(path: "broker.ext"))
        try openssl(
            "x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out broker.pem -extfile broker.ext "
                + "-days 2", folder)
    }

    private static func openssl(_ arguments: String, _ folder: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}

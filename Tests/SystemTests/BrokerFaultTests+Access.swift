import AMQP
import Distribution
import Foundation
import LocalBroker
import LocalReceiver
import Testing

@testable import clawcast

extension BrokerFaultTests {
    @Test func `that refuses the login is told of with what to do, and used once the login is right`() async throws {
        let node = try OwnNode.current
        let url = try await node.createVirtualHost("refusing")
        let user = try Self.url(url, user: "courier", password: "right")
        try await node.rabbitmqctl(["add_user", "courier", "wrong"])
        try await node.rabbitmqctl(["set_permissions", "--vhost", "refusing", "courier", ".*", ".*", ".*"])
        // Of a reason that lasts, most attempts are told of at this level only.
        try await Self.withProcess(amqpURL: user, logLevel: "debug") { service, api in
            let line = try await service.says { $0["amqp.error"]?.stringValue?.contains("ACCESS_REFUSED") == true }
            #expect(line["remediation"]?.stringValue?.contains("change_password") == true)
            let answer = try await api.ready { $0.text.contains("refused the login") }
            #expect(answer.status == 503)
            // It is told all the time, while the next attempt is under way as well.
            let tried = try await service.says { $0["amqp.attempt"]?.stringValue == "4" }
            #expect(tried["amqp.error"]?.stringValue?.contains("ACCESS_REFUSED") == true)
            for _ in 0..<200 {
                #expect(try await api.send("GET", absolute: "/ready").text.contains("refused the login"))
            }
            #expect(answer.object["remediation"]?.stringValue?.contains("change_password") == true)
            #expect(!answer.text.contains("right"))
            try await node.rabbitmqctl(["change_password", "courier", "right"])
            try await service.becomesReady()
            #expect(try await api.send("GET", absolute: "/ready").status == 200)
        }
    }

    @Test func `that is away at the start costs nothing: plans are taken, and delivered once it is there`() async throws
    {
        let node = try OwnNode.current
        let url = try await node.createVirtualHost("absent")
        let receiver = try await Receiver.start()
        await node.stop()
        let outcome = await Outcome {
            try await Self.withProcess(amqpURL: url) { service, api in
                let ready = try await api.ready { $0.text.contains("Connection refused") }
                #expect(ready.status == 503)
                #expect(ready.code == "BROKER_UNAVAILABLE")
                let target = try await api.send(
                    "POST", "/targets",
                    [
                        "name": .string("early"), "channelType": .string("webhook"),
                        "config": .object(["url": .string(receiver.url("/early"))]),
                    ])
                let id = TargetID(try #require(target.data["id"]?.integerValue))
                for number in 0..<10 {
                    let plan = Plans.owner(key: "early-\(number)", targets: [id])
                    #expect(try await api.send("POST", "/plans", plan).status == 201)
                }
                try await node.restart()
                try await service.becomesReady()
                await receiver.waitForRequests(10)
                #expect(receiver.distinctDeliveries == 10)
                #expect(receiver.count() == 10)
            }
        }
        await receiver.stop()
        if !node.isRunning { try await node.restart() }
        try outcome.get()
    }

    @Test func `that speaks TLS only to clients with a certificate is served, and its name is verified`() async throws {
        let node = try OwnNode.current
        let certificates = try Certificates()
        defer { certificates.remove() }
        let plain = try await node.createVirtualHost("tls")
        let port = try await Self.listen(node, certificates)
        let secure = try Self.url(plain, scheme: "amqps", port: port)
        var files = [
            "CLAWCAST_AMQP_CA_FILE": certificates.path("ca.pem"),
            "CLAWCAST_AMQP_CERT_FILE": certificates.path("client.pem"),
            "CLAWCAST_AMQP_KEY_FILE": certificates.path("client.key"),
        ]
        // The certificate is another host's.
        try await Self.withProcess(amqpURL: secure, environment: files) { service, api in
            try await service.says { $0["amqp.error"]?.stringValue?.contains("TLS") == true }
            #expect(try await api.ready { $0.text.contains("TLS") }.code == "BROKER_UNAVAILABLE")
        }
        files["CLAWCAST_AMQP_SERVER_NAME"] = "broker.example"
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            try await Self.withProcess(amqpURL: secure, environment: files) { service, api in
                try await service.becomesReady()
                let target = try await api.send(
                    "POST", "/targets",
                    [
                        "name": .string("secure"), "channelType": .string("webhook"),
                        "config": .object(["url": .string(receiver.url("/secure"))]),
                    ])
                let id = TargetID(try #require(target.data["id"]?.integerValue))
                let plan = Plans.owner(key: "secure", targets: [id], changes: [:])
                #expect(try await api.send("POST", "/plans", plan).status == 201)
                await receiver.waitForRequests(1)
            }
        }
        await receiver.stop()
        try outcome.get()
        // Without a certificate of its own it is refused; with a key of another certificate it does not even start.
        files["CLAWCAST_AMQP_CERT_FILE"] = nil
        files["CLAWCAST_AMQP_KEY_FILE"] = nil
        try await Self.withProcess(amqpURL: secure, environment: files) { service, _ in
            try await service.says { $0["amqp.error"]?.stringValue?.contains("TLS") == true }
        }
        files["CLAWCAST_AMQP_CERT_FILE"] = certificates.path("client.pem")
        files["CLAWCAST_AMQP_KEY_FILE"] = certificates.path("broker.key")
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let end = try await ServiceProcess.launch(folder: folder, amqpURL: secure, environment: files).ended()
        #expect(end.status == 1)
        #expect(end.errors.contains("AMQP_TLS_KEY_MISMATCH"), "\(end.errors)")
    }

    // MARK: Support

    /// Runs the body beside `clawcast run`, once its API listens, and stops that after it.
    private static func withProcess(
        amqpURL: String, environment: [String: String] = [:], logLevel: String = "info",
        _ body: (ServiceProcess, APIProbe) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try await FreePort.find()
        let service = try ServiceProcess.launch(
            folder: folder, amqpURL: amqpURL, http: "127.0.0.1:\(port)", environment: environment, logLevel: logLevel)
        let outcome = await Outcome {
            try await service.says { $0["message"]?.stringValue == "The API is listening." }
            try await body(service, try APIProbe(port: port, folder: folder))
        }
        let end = try await service.end(with: SIGTERM)
        try outcome.get()
        #expect(end.status == 0, "\(end.errors)")
    }

    private static func url(
        _ url: String, scheme: String? = nil, user: String? = nil, password: String? = nil, port: Int? = nil
    ) throws -> String {
        var parts = try #require(URLComponents(string: url))
        parts.scheme = scheme ?? parts.scheme
        parts.user = user ?? parts.user
        parts.password = password ?? parts.password
        parts.port = port ?? parts.port
        return try #require(parts.string)
    }

    /// Has the node listen with TLS, for clients with a certificate alone, on a port of its own choice.
    private static func listen(_ node: PrivateBroker, _ certificates: Certificates) async throws -> Int {
        let answer = try await node.rabbitmqctl([
            "eval",
            """
            {ok, _} = application:ensure_all_started(ssl),
            {ok, S} = gen_tcp:listen(0, [{ip, {127,0,0,1}}]), {ok, Port} = inet:port(S), ok = gen_tcp:close(S),
            ok = rabbit_networking:start_ssl_listener({"127.0.0.1", Port, inet}, [
                {cacertfile, "\(certificates.path("ca.pem"))"}, {certfile, "\(certificates.path("broker.pem"))"},
                {keyfile, "\(certificates.path("broker.key"))"}, {verify, verify_peer},
                {fail_if_no_peer_cert, true}], 1),
            Port.
            """,
        ])
        return try #require(Int(answer.filter(\.isNumber)), "\(answer)")
    }
}

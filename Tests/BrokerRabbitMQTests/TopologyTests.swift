import AMQP
import Foundation
import LocalBroker
import Testing

@testable import BrokerRabbitMQ

@Suite(.timeLimit(.minutes(1))) struct `Static topology` {
    @Test func `can be declared again and again, also by both connections at once`() async throws {
        try await withBrokerPort(configure: { $0.ladder = .standard }) { harness in
            try await harness.raw.withChannel { try await harness.broker.topology.declare(on: $0) }
            try await harness.raw.withChannel { try await harness.broker.topology.declare(on: $0) }
            let unrouted = try await harness.messageCount(harness.names.unrouted)
            #expect(unrouted == 0)
        }
    }

    @Test func `imported from the file is what the code declares`() async throws {
        let node = try await SharedBroker.instance()
        let host = "definitions"
        // Not the standard namespace: its user `clawcast` may be the node's administrator, who would lose the password.
        let topology = Topology(namespace: try #require(BrokerNamespace(rawValue: "imported")))
        let url = try await makeVirtualHost(host)
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let given = folder.appending(path: "in.json")
        let taken = folder.appending(path: "out.json")
        try topology.definitionsJSON(virtualHost: host).write(to: given, atomically: true, encoding: .utf8)
        try await node.rabbitmqctl(["import_definitions", given.path()])
        try await node.rabbitmqctl(["export_definitions", taken.path()])
        let expected = try sections(of: given, on: host, topology)
        let imported = try sections(of: taken, on: host, topology)
        for section in ["users", "permissions", "policies", "exchanges", "queues", "bindings"] {
            #expect(expected[section]?.isEmpty == false)
            #expect(imported[section]?.subtracting(expected[section] ?? []) == [], "\(section) beyond the file")
            #expect(expected[section]?.subtracting(imported[section] ?? []) == [], "\(section) not imported")
        }
        // Declared actively a single difference would close the channel with 406, and it would never connect.
        try await withBrokerPort(
            url: url,
            configure: {
                $0.namespace = topology.namespace
                $0.ladder = topology.ladder
            }
        ) { harness in
            let unrouted = try await harness.messageCount(harness.names.unrouted)
            #expect(unrouted == 0)
        }
    }

    /// The objects of each section, without other virtual hosts' and the node's administrator, as canonical text.
    private func sections(of file: URL, on host: String, _ topology: Topology) throws -> [String: Set<String>] {
        let root = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let ours = Set(topology.users.map(\.name))
        var sections: [String: Set<String>] = [:]
        for (name, value) in root {
            for var object in value as? [[String: Any]] ?? [] {
                let user = object[name == "users" ? "name" : "user"] as? String
                guard object["vhost"] as? String ?? host == host, user.map(ours.contains) ?? true
                else { continue }
                // The broker adds the type to queues.
                if name == "queues" { object["type"] = nil }
                let text = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
                sections[name, default: []].insert(String(decoding: text, as: UTF8.self))
            }
        }
        return sections
    }
}

import Distribution
import Foundation
import Testing

@testable import BrokerRabbitMQ

/// `topology/definitions.json` comes from the code: `CLAWCAST_WRITE_DEFINITIONS=1 swift test --filter Definitions`.
@Suite struct `Definitions file` {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "topology/definitions.json")

    @Test func `says what the code declares`() throws {
        let expected = Topology().definitionsJSON()
        if ProcessInfo.processInfo.environment["CLAWCAST_WRITE_DEFINITIONS"] == "1" {
            try expected.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: Self.file, encoding: .utf8) == expected,
            "Run the test with CLAWCAST_WRITE_DEFINITIONS=1 and commit topology/definitions.json.")
    }

    @Test func `is JSON with every section`() throws {
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(Topology().definitionsJSON().utf8)) as? [String: [[String: Any]]])
        #expect(object["exchanges"]?.count == 6 + 23)
        #expect(object["queues"]?.count == 8 + 23)
        #expect(object["bindings"]?.count == 8 + 2 * 23)
        #expect(object["users"]?.compactMap { $0["name"] as? String }.count == 4)
        #expect(object["users"]?.allSatisfy { ($0["password_hash"] as? String)?.isEmpty == true } == true)
    }

    @Test func `keeps namespaces apart, users included`() throws {
        let namespace = try #require(BrokerNamespace(rawValue: "acme-2"))
        let text = Topology(namespace: namespace).definitionsJSON()
        #expect(!text.contains("\"distribution"))
        #expect(text.contains("\"name\": \"acme-2-wordclaw\""))
        #expect(BrokerNamespace(rawValue: "Acme") == nil)
        #expect(BrokerNamespace(rawValue: "a.b") == nil)
        #expect(BrokerNamespace(rawValue: "") == nil)
    }
}

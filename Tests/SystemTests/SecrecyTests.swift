import AMQP
import Distribution
import Foundation
import LocalReceiver
import Logging
import Orchestrator
import Sealing
import Testing

@testable import clawcast

@Suite("Secrets", .timeLimit(.minutes(2)))
struct SecrecyTests {
    private static let signing = "whsec_" + Base64.encode(Array("a-signing-secret-of-32-bytes-now".utf8))
    private static let header = "the-header-secret"
    private static let query = "the-query-secret"

    @Test func `no secret is logged, stored in clear, shown or published, whatever happens to a delivery`()
        async throws
    {
        let log = CapturedLog()
        try await TestSystem.with(
            logger: log.logger(level: .trace),
            { system in
                let letters = try await QueueReader(system.client, queue: "distribution.dead.webhook")
                let targets = try await Self.targets(on: system)
                try await system.publish(Plans.owner(key: "quiet", targets: targets.map(\.id)))
                let completed = try await system.events.wait(type: "plan.completed")[0]
                #expect(completed.plan["status"]?.stringValue == "partial")
                #expect(system.receiver.requests(at: "/ok").first?.header("x-token") == Self.header)
                var published = ""
                for _ in 0..<2 { published += "\(try await letters.next())" }
                published += system.events.events.map { JSON.object($0.envelope).text }.joined()

                let api = try APIProbe(system)
                var shown = ""
                for target in targets { shown += try await api.get("/targets/\(target.id)").text }
                for path in ["targets", "plans", "plans/1", "jobs/1", "jobs/2", "jobs/3"] {
                    let answer = try await api.get("/\(path)")
                    #expect(answer.status == 200)
                    shown += answer.text
                }
                let secrets = [Self.signing, Self.header]
                let keys = [system.service.adminKey.reveal(), system.client.configuration.password]
                // Administrators see a URL whole, and it is stored as it is; nobody else does.
                Self.check("published", published, holdsNone: secrets + keys + [Self.query])
                Self.check("shown", shown, holdsNone: secrets + keys)
                Self.check("logged", log.text, holdsNone: secrets + keys + [Self.query])
                #expect(log.count > 0)
                for file in try FileManager.default.contentsOfDirectory(atPath: system.dataDirectory)
                where file.hasPrefix("ledger") {
                    let bytes = try Data(contentsOf: URL(fileURLWithPath: system.dataDirectory + "/" + file))
                    for secret in secrets + keys { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)") }
                }
            })
        Self.check("logged to the end", log.text, holdsNone: [Self.signing, Self.header, Self.query])
    }

    /// One that accepts, one that refuses, and one that cannot be reached, all with secrets.
    private static func targets(on system: TestSystem) async throws -> [Target] {
        let settings: JSONObject = [
            "retry": RetryTests.schedule("[0.1]"),
            "credentials": .object(["secret": .string(signing), "header.x-token": .string(header)]),
        ]
        var targets: [Target] = []
        for url in [
            system.receiver.url("/ok?key=\(query)"), system.receiver.url("/status/500?key=\(query)"),
            "https://receiver.invalid/hook?key=\(query)",
        ] { targets.append(try await system.createTarget(url: url, settings: settings)) }
        return targets
    }

    private static func check(_ place: String, _ text: String, holdsNone secrets: [String]) {
        #expect(!text.isEmpty, "\(place)")
        for (number, secret) in secrets.enumerated() where text.contains(secret) {
            Issue.record("Secret \(number) is \(place).")
        }
    }
}

extension JSON {
    fileprivate var text: String { String(decoding: serialized(), as: UTF8.self) }
}

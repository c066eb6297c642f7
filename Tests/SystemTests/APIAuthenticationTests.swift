import Distribution
import Orchestrator
import Testing

@testable import clawcast

@Suite("The API's keys", .timeLimit(.minutes(2)))
struct APIAuthenticationTests {
    @Test func `a call needs a known key, the scope of its route, and a domain`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let key = system.service.adminKey.reveal()

            let missing = try await api.with([:]).get("/targets")
            #expect(missing.status == 401)
            #expect(missing.code == "AUTH_MISSING_API_KEY")
            #expect(missing["www-authenticate"] == "Bearer realm=\"clawcast\"")

            let unknown = try await api.with(["x-api-key": "cck_guessed", "x-wordclaw-domain": "1"]).get("/targets")
            #expect(unknown.status == 401)
            #expect(unknown.code == "AUTH_INVALID_API_KEY")
            #expect(!unknown.text.contains("guessed"))

            let long = ["x-api-key": String(repeating: "k", count: 600), "x-wordclaw-domain": "1"]
            #expect(try await api.with(long).get("/targets").code == "AUTH_INVALID_API_KEY")

            let bearer = ["authorization": "Bearer \(key)", "x-wordclaw-domain": "1"]
            #expect(try await api.with(bearer).get("/targets").status == 200)

            for domain in [nil, "0", "-1", "one", "1.0", "99999999999999999999"] {
                var fields = ["x-api-key": key]
                fields["x-wordclaw-domain"] = domain
                let answer = try await api.with(fields).get("/targets")
                #expect(answer.status == 400)
                #expect(answer.code == "INVALID_DOMAIN_CONTEXT")
            }
        }
    }

    @Test func `each route takes its own scopes only`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let calls: [(String, String, Set<APIKey.Scope>)] = [
                ("GET", "/targets", [.admin]), ("GET", "/targets/1", [.admin]), ("POST", "/targets/1/test", [.admin]),
                ("GET", "/dead-letters", [.admin]), ("POST", "/dead-letters/replay", [.admin]),
                ("DELETE", "/dead-letters", [.admin]), ("GET", "/dead-letters/replays", [.admin]),
                ("POST", "/dead-letters/purges/1/cancel", [.admin]),
                ("POST", "/plans", [.publisher]), ("GET", "/plans", [.contentRead, .contentWrite]),
                ("GET", "/jobs/1", [.contentRead, .contentWrite]), ("GET", "/receipts", [.contentRead, .contentWrite]),
                ("POST", "/plans/1/retry", [.contentWrite]), ("POST", "/jobs/1/cancel", [.contentWrite]),
            ]
            for scope in APIKey.Scope.allCases {
                let key = Secret("key-for-\(scope.rawValue)")
                _ = try await system.service.useCases.admitKey(
                    key, name: scope.rawValue, domainID: DomainID(1), scopes: [scope])
                let caller = api.with(["x-api-key": key.reveal()])
                for (method, path, scopes) in calls {
                    let answer = try await caller.send(method, path)
                    let isRefused = answer.code == "AUTH_INSUFFICIENT_SCOPE"
                    #expect(isRefused == !scopes.contains(scope), "\(scope) \(method) \(path): \(answer.text)")
                    #expect((answer.status == 403) == isRefused)
                }
            }
        }
    }

    @Test func `a key sees its own domain only, and cannot speak for another`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let own = try await system.createTarget()
            let foreign = try await system.createTarget(domainID: DomainID(2))
            let key = Secret("key-of-domain-1")
            _ = try await system.service.useCases.admitKey(
                key, name: "one", domainID: DomainID(1), scopes: Set(APIKey.Scope.allCases))
            let bound = api.with(["x-api-key": key.reveal()])

            #expect(try await bound.get("/targets").list.map { $0["id"] } == [.integer(own.id.rawValue)])
            let hidden = try await bound.get("/targets/\(foreign.id)")
            #expect(hidden.status == 404)
            #expect(hidden.code == "TARGET_NOT_FOUND")
            #expect(try await bound.send("DELETE", "/targets/\(foreign.id)").status == 404)

            let claimed = try await bound.send("GET", "/targets", nil, ["x-wordclaw-domain": "2"])
            #expect(claimed.code == "INVALID_DOMAIN_CONTEXT")
            let plan = Plans.owner(key: "k", targets: [foreign.id], domainID: 2)
            #expect(try await bound.send("POST", "/plans", plan).code == "INVALID_DOMAIN_CONTEXT")
            let sneaky = try await bound.send("POST", "/plans", Plans.owner(key: "k", targets: [foreign.id]))
            #expect(sneaky.code == "TARGET_NOT_FOUND")
        }
    }
}

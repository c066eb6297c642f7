import Distribution
import Testing

@testable import clawcast

@Suite("The API's manners", .timeLimit(.minutes(2)))
struct APIProtocolTests {
    @Test func `health, readiness and metrics need no key, at the root and below the base`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system).with([:])
            for base in ["", "/api/distribution"] {
                #expect(try await api.send("GET", absolute: base + "/health").status == 200)
                #expect(try await api.send("GET", absolute: base + "/ready").data["status"]?.stringValue == "ready")
                let metrics = try await api.send("GET", absolute: base + "/metrics")
                #expect(metrics["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                #expect(metrics.text.contains("\nclawcast_ready 1\n"))
                #expect(metrics.text.contains("clawcast_jobs{status=\"succeeded\"}"))
                #expect(metrics.text.contains("\nprocess_open_fds "))
            }
        }
    }

    @Test func `what is not there, not built or not that method is told apart, always in one shape`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let unknown = try await api.get("/nothing")
            #expect(unknown.status == 404)
            let method = try await api.send("PATCH", "/targets/1")
            #expect(method.status == 405)
            #expect(method["allow"] == "DELETE, GET, HEAD, PUT")
            let unbuilt = [("POST", "/targets/1/test"), ("POST", "/targets/1/rotate-secret")]
            var answers = [unknown, method]
            for (verb, path) in unbuilt {
                let answer = try await api.send(verb, path)
                #expect(answer.status == 400)
                #expect(answer.code == "NOT_SUPPORTED", "\(verb) \(path)")
                answers.append(answer)
            }
            for answer in answers {
                #expect(answer["content-type"] == "application/json; charset=utf-8")
                #expect(answer.object.members.map(\.name) == ["error", "code", "remediation", "context"])
                #expect(answer.object["remediation"]?.stringValue?.isEmpty == false)
                #expect(answer.context["requestId"]?.stringValue == answer["x-request-id"])
            }
        }
    }

    @Test func `a request id is echoed where it is one, and made otherwise`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            #expect(
                try await api.send("GET", "/plans", nil, ["x-request-id": "5f0c6b7a"])["x-request-id"] == "5f0c6b7a")
            for bad in ["a b", String(repeating: "x", count: 129)] {
                let made = try await api.send("GET", "/plans", nil, ["x-request-id": bad])["x-request-id"]
                #expect(made?.count == 36)
            }
        }
    }

    @Test func `HEAD answers as GET without a body`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let got = try await api.get("/plans")
            let head = try await api.send("HEAD", "/plans")
            #expect(head.status == 200)
            #expect(head.text.isEmpty)
            #expect(head["content-length"] == got["content-length"])
            let missing = try await api.send("HEAD", "/nothing")
            #expect(missing.status == 404)
            #expect(missing.text.isEmpty)
        }
    }

    @Test func `a body must be declared as JSON and be one object`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            for type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
                let answer = try await api.send("POST", "/targets", [:], ["content-type": type])
                #expect(answer.status == 415)
                #expect(answer.code == "VALIDATION_ERROR")
            }
            let json = ["content-type": "Application/JSON; charset=UTF-8"]
            for body in ["{", "[]", "{\"a\":1,\"a\":2}", "\u{FEFF}{}", "nul"] {
                let answer = try await api.send("POST", absolute: "/api/distribution/plans", Array(body.utf8), json)
                #expect(answer.status == 400)
                #expect(answer.code == "VALIDATION_ERROR", "\(body)")
            }
            let typo: JSONObject = ["policy": .object(["basis": .string("owner"), "excerptonly": .bool(true)])]
            let mistyped = try await api.send(
                "POST", "/plans", Plans.owner(key: "k", targets: [TargetID(1)], changes: typo))
            #expect(mistyped.context["path"]?.stringValue == "policy.excerptonly")
        }
    }

    @Test func `a body over 1 MiB is refused at once, declared or not, and the connection ends`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let head =
                "POST /api/distribution/plans HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                + "x-api-key: \(system.service.adminKey.reveal())\r\nx-wordclaw-domain: 1\r\n"
            // Nothing of the body is ever sent, so only an answer without reading on can end this.
            let declared = try await api.send(Array((head + "content-length: 1048577\r\n\r\n").utf8))
            #expect(declared.status == 413)
            #expect(declared.code == "PAYLOAD_TOO_LARGE")
            #expect(declared["connection"] == "close")

            let chunk = "110000\r\n" + String(repeating: " ", count: 0x110000) + "\r\n"
            let streamed = try await api.send(Array((head + "transfer-encoding: chunked\r\n\r\n" + chunk).utf8))
            #expect(streamed.status == 413)
            #expect(streamed.code == "PAYLOAD_TOO_LARGE")
        }
    }

    @Test func `oversized heads are refused`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let long = try await api.get("/plans?cursor=" + String(repeating: "x", count: 5_000))
            #expect(long.status == 414)
            let wide = try await api.send("GET", "/plans", nil, ["x-filler": String(repeating: "x", count: 10_000)])
            #expect(wide.status == 400)
        }
    }
}

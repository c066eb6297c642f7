import Distribution
import DistributionTesting
import Testing

@Suite struct PlanDecoderTests {
    private func decode(_ object: JSONObject, messageID: String? = nil) throws -> PlanRequest {
        try PlanDecoder.decode(object, messageID: messageID, trace: nil)
    }

    @Test func `reads the contract's example`() throws {
        let plan = try PlanDecoder.decode(Array(Plans.complete.utf8), messageID: nil, trace: nil)
        #expect(plan.idempotencyKey == "0d8f6f3e-5c1b-4a55-9d0e-2f6f7f1f8a11")
        #expect(plan.domainID == DomainID(1))
        #expect(plan.requestID == "5f0c6b7a")
        #expect(plan.contentItemID == 88 && plan.contentVersion == 3 && plan.scheduledAt == nil)
        #expect(
            plan.selection
                == .targets([.init(id: TargetID(12), transform: Transform()), .init(id: TargetID(13), transform: nil)]))
        #expect(plan.content.data["body"] == .string("# B"))
        #expect(plan.content.premiumFields == ["body"])
        #expect(plan.policy.allowedChannels == [.feed, .webhook])
        #expect(plan.policy.entitlement?.id == 33)
        #expect(plan.createdBy.objectValue?["actorId"] == .string("api_key:12"))
    }

    @Test(arguments: [
        "idempotencyKey", "domainId", "contentItemId", "contentVersion", "content", "policy",
        "content.status", "content.data", "policy.basis", "policy.entitlement.id", "policy.entitlement.status",
    ])
    func `requires`(path: String) throws {
        for value in [nil, JSON.null] {
            let object = try Plans.object(path, value)
            let refusal = refusal { _ = try decode(object) }
            #expect(refusal?.code == .validationError)
            #expect(refusal?.context["path"] == path)
            #expect(refusal?.message == "\(path) is required.")
        }
    }

    @Test(arguments: ["policy", "policy.entitlement", "transform"])
    func `refuses a mistyped field where it could leak`(path: String) throws {
        let object = try Plans.object("\(path).excerptonly", .bool(true))
        #expect(refusal { _ = try decode(object) }?.context["path"] == "\(path).excerptonly")
    }

    @Test func `refuses a mistyped field of a target and of its transform`() throws {
        let target: JSONObject = ["targetId": .integer(12), "excerptOnly": .bool(true)]
        let first = try Plans.object("targets", .array([.object(target)]))
        #expect(refusal { _ = try decode(first) }?.context["path"] == "targets[0].excerptOnly")
        let own: JSONObject = ["targetId": .integer(12), "transform": .object(["excerpt": .bool(true)])]
        let second = try Plans.object("targets", .array([.object(own)]))
        #expect(refusal { _ = try decode(second) }?.context["path"] == "targets[0].transform.excerpt")
    }

    @Test(arguments: ["extra", "content.extra", "createdBy.extra"])
    func `ignores an unknown field elsewhere`(path: String) throws {
        let known = try decode(Plans.object())
        #expect(try decode(Plans.object(path, .string("x"))).canonicalBytes == known.canonicalBytes)
    }

    @Test(arguments: [
        ("domainId", JSON.integer(0)), ("domainId", .string("1")), ("domainId", .number("1.5")),
        ("contentItemId", .integer(-1)), ("contentVersion", .integer(-1)), ("idempotencyKey", .string("")),
        ("idempotencyKey", .string(String(repeating: "k", count: 256))), ("idempotencyKey", .string("a\nb")),
        ("requestId", .string(String(repeating: "é", count: 128))), ("scheduledAt", .string("tomorrow")),
        ("scheduledAt", .integer(5)), ("schemaVersion", .integer(2)), ("schemaVersion", .string("1")),
        ("content.data", .string("not json")), ("content.data", .string("[1]")), ("content.data", .array([])),
        ("content.premiumFields", .string("body")), ("content.premiumFields", .array([.integer(1)])),
        ("content.createdAt", .string("2026-04-06")), ("policy.basis", .string("gift")),
        ("policy.excerptOnly", .string("true")), ("policy.allowedChannels", .string("webhook")),
        ("policy.allowedChannels", .array([.string("Web Hook")])), ("policy.expiresAt", .bool(false)),
        ("policy.offerId", .string("7")), ("policy.scopeRef", .bool(true)), ("policy.termsJson", .integer(1)),
        ("policy.maxReads", .integer(-1)), ("policy.entitlement.remainingReads", .string("0")),
        ("createdBy", .string("me")), ("transform.includeAttribution", .integer(0)),
    ])
    func `refuses a wrong value and names it`(path: String, value: JSON) throws {
        let object = try Plans.object(path, value)
        let refusal = refusal { _ = try decode(object) }
        #expect(refusal?.code == .validationError)
        #expect(refusal?.context["path"] == path)
        #expect(refusal?.message.hasPrefix(path) == true)
    }

    @Test(arguments: [
        ("transform.outputFormat", JSON.string("html")), ("transform.maxLength", .integer(100)),
    ])
    func `says what is not built yet`(path: String, value: JSON) throws {
        let object = try Plans.object(path, value)
        #expect(refusal { _ = try decode(object) }?.code == .notSupported)
    }

    @Test func `takes the message id for the key where the body has none, and only there`() throws {
        let without = try Plans.object("idempotencyKey", nil)
        #expect(try decode(without, messageID: "m1").idempotencyKey == "m1")
        #expect(try decode(Plans.object(), messageID: "m1").idempotencyKey != "m1")
        #expect(refusal { _ = try decode(without, messageID: "") } != nil)
    }

    @Test func `reads data that is a string holding an object`() throws {
        let text = JSON.string(##"{"body":"# B","title":"T","slug":"t","summary":"S"}"##)
        let plan = try decode(Plans.object("content.data", text))
        #expect(plan.content.data["title"] == .string("T"))
        #expect(plan.canonicalBytes == (try decode(Plans.object()).canonicalBytes))
    }

    @Test func `bounds who has created it, as lists repeat that`() throws {
        // {"a":"…"} has 8 bytes around the text.
        let longest = try Plans.object("createdBy", .object(["a": .string(String(repeating: "x", count: 4_088))]))
        #expect(try decode(longest).createdBy.serialized().count == 4_096)
        let tooLong = try Plans.object("createdBy", .object(["a": .string(String(repeating: "x", count: 4_089))]))
        let refusal = refusal { _ = try decode(tooLong) }
        #expect(refusal?.code == .validationError)
        #expect(refusal?.context["path"] == "createdBy")
    }

    @Test func `bounds the body`() throws {
        let body = [UInt8](repeating: 0x20, count: 1_048_577)
        let tooLarge = refusal { _ = try PlanDecoder.decode(body, messageID: nil, trace: nil) }
        #expect(tooLarge?.code == .payloadTooLarge)
        let padded = Array(Plans.complete.utf8)
        let fitting = padded + [UInt8](repeating: 0x20, count: 1_048_576 - padded.count)
        #expect(throws: Never.self) { try PlanDecoder.decode(fitting, messageID: nil, trace: nil) }
    }

    @Test(arguments: ["", "{", "[]", "\"x\"", #"{"a":1,"a":2}"#])
    func `refuses a body that is not an object`(text: String) {
        let refusal = refusal { _ = try PlanDecoder.decode(Array(text.utf8), messageID: nil, trace: nil) }
        #expect(refusal?.code == .validationError)
    }

    @Test func `identifies what it can of a broken plan`() {
        let body = Array(#"{"domainId":3,"requestId":"r","idempotencyKey":"k","policy":5}"#.utf8)
        #expect(
            PlanDecoder.identify(body) == PlanIdentity(domainID: DomainID(3), requestID: "r", idempotencyKey: "k"))
        let partly = Array(#"{"domainId":"3","requestId":7}"#.utf8)
        #expect(
            PlanDecoder.identify(partly, messageID: "m")
                == PlanIdentity(domainID: DomainID(0), requestID: nil, idempotencyKey: "m"))
        #expect(
            PlanDecoder.identify([0xFF])
                == PlanIdentity(domainID: DomainID(0), requestID: nil, idempotencyKey: nil))
    }

    @Test func `never traps on mutated plans`() {
        let random = SeededRandomness(seed: 7)
        let seed = Array(Plans.complete.utf8)
        var accepted = 0
        for _ in 0..<3_000 {
            let body = random.mutated(seed)
            _ = PlanDecoder.identify(body)
            if (try? PlanDecoder.decode(body, messageID: nil, trace: nil)) != nil { accepted += 1 }
        }
        #expect((1..<3_000).contains(accepted))
    }
}

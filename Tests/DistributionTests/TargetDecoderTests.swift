import Distribution
import DistributionTesting
import Testing

@Suite struct TargetDecoderTests {
    private static let webhook: JSONObject = [
        "domainId": .integer(1), "name": .string("shop"), "channelType": .string("webhook"),
        "config": .object(["url": .string("https://shop.example/in")]),
        "credentials": .object(["secret": .string("whsec_abc")]),
        "retry": .object(["scheduleSeconds": .array([.number("0.5"), .number("300")]), "jitter": .number("0.2")]),
        "maxInFlight": .integer(16), "rateLimit": .null,
        "timeouts": .object(["connectSeconds": .integer(2), "totalSeconds": .number("7.5")]),
        "permanentStatusCodes": .array([.integer(404), .integer(400), .integer(404)]),
    ]

    private func with(_ name: String, _ value: JSON?) -> JSONObject {
        var object = Self.webhook
        object[name] = value
        return object
    }

    @Test func `reads a target whole`() throws {
        let input = try TargetDecoder.decodeNew(Self.webhook)
        #expect(input.domainID == DomainID(1) && input.name == "shop" && input.channelType == .webhook)
        #expect(input.configuration?["url"] == .string("https://shop.example/in"))
        #expect(input.credentials?["secret"]?.reveal() == "whsec_abc")
        #expect(
            input.delivery()
                == DeliverySettings(
                    retry: RetryPolicy(schedule: .explicit([500, 300_000]), jitter: 0.2), maxInFlight: 16,
                    rateLimit: nil, timeouts: DeliveryTimeouts(connect: 2_000, total: 7_500),
                    permanentStatusCodes: [400, 404]))
    }

    @Test(arguments: ["name", "channelType", "config"])
    func `a new target needs`(name: String) throws {
        #expect(refusal { _ = try TargetDecoder.decodeNew(with(name, nil)) }?.context["path"] == name)
        #expect(throws: Never.self) { try TargetDecoder.decodeUpdate(with(name, nil)) }
    }

    @Test(arguments: [
        ("name", JSON.string("")), ("name", .string(String(repeating: "n", count: 201))), ("unknown", .null),
        ("channelType", .string("Web")), ("config", .string("x")), ("credentials", .array([])),
        ("maxInFlight", .integer(0)), ("maxInFlight", .integer(1_001)),
        ("permanentStatusCodes", .array([.integer(200)])),
        ("permanentStatusCodes", .array([.integer(600)])), ("permanentStatusCodes", .integer(404)),
        ("retry", .object([:])), ("domainId", .integer(0)), ("schemaVersion", .integer(2)),
    ])
    func `refuses`(name: String, value: JSON) {
        #expect(refusal { _ = try TargetDecoder.decodeNew(with(name, value)) }?.code == .validationError)
    }

    @Test(arguments: [
        ("retry", #"{"scheduleSeconds":[-1]}"#), ("retry", #"{"scheduleSeconds":[604801]}"#),
        ("retry", #"{"scheduleSeconds":["5"]}"#), ("retry", #"{"scheduleSeconds":[5],"jitter":0.6}"#),
        ("retry", #"{"scheduleSeconds":[5],"maxAttempts":3}"#), ("retry", #"{"maxAttempts":0,"initialSeconds":5}"#),
        ("retry", #"{"maxAttempts":101,"initialSeconds":5}"#), ("retry", #"{"maxAttempts":3}"#),
        ("retry", #"{"maxAttempts":3,"initialSeconds":5,"capSeconds":4}"#),
        ("retry", #"{"maxAttempts":3,"initialSeconds":5,"multiplier":0.5}"#),
        ("retry", #"{"maxAttempts":3,"initialSeconds":5,"Jitter":0.1}"#), ("rateLimit", #"{"perSecond":0}"#),
        ("rateLimit", #"{"burst":5}"#), ("rateLimit", #"{"perSecond":5,"burst":0}"#),
        ("timeouts", #"{"connectSeconds":0}"#), ("timeouts", #"{"totalSeconds":301}"#),
        ("timeouts", #"{"connectSeconds":61}"#), ("timeouts", #"{"seconds":20}"#),
        ("credentials", #"{"secret":""}"#), ("credentials", #"{"secret":{"set":true}}"#),
        ("credentials", #"{"secret":null}"#),
    ])
    func `holds the bounds of`(name: String, text: String) throws {
        let value = try JSON.parse(text)
        let refusal = refusal { _ = try TargetDecoder.decodeNew(with(name, value)) }
        #expect(refusal?.context["path"]?.hasPrefix(name) == true)
    }

    @Test func `a change keeps what it does not name`() throws {
        let limited = DeliverySettings(
            retry: RetryPolicy(schedule: .explicit([])), maxInFlight: 3, rateLimit: RateLimit(perSecond: 5, burst: 5),
            timeouts: DeliveryTimeouts(connect: 1, total: 2), permanentStatusCodes: [404])
        #expect(try TargetDecoder.decodeUpdate([:]).delivery(over: limited) == limited)
        let lifted = try TargetDecoder.decodeUpdate(["rateLimit": .null]).delivery(over: limited)
        #expect(lifted.rateLimit == nil && lifted.maxInFlight == 3)
        #expect(try TargetDecoder.decodeUpdate(["name": .string("n")]).credentials == nil)
    }

    @Test(arguments: [
        DeliverySettings(),
        DeliverySettings(
            retry: RetryPolicy(schedule: .explicit([500, 1, 604_800_000]), jitter: 0), maxInFlight: 1_000,
            rateLimit: RateLimit(perSecond: 0.25, burst: 7), timeouts: DeliveryTimeouts(connect: 100, total: 299_999),
            permanentStatusCodes: [300, 599]),
        DeliverySettings(
            retry: RetryPolicy(
                schedule: .exponential(maxAttempts: 6, initial: 5_001, multiplier: 1.75, cap: 86_400_000), jitter: 0.33)
        ),
        DeliverySettings(retry: RetryPolicy(schedule: .explicit([])), timeouts: DeliveryTimeouts(total: 1)),
    ])
    func `settings survive being stored`(settings: DeliverySettings) throws {
        let bytes = settings.json.serialized()
        let stored = try #require(try JSON.parse(bytes).objectValue)
        #expect(try DeliverySettings(json: stored) == settings)
    }

    @Test func `settings read back from nothing are the defaults`() throws {
        #expect(try DeliverySettings(json: [:]) == DeliverySettings())
    }
}

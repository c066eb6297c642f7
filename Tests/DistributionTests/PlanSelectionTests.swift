import Distribution
import DistributionTesting
import Testing

@Suite struct PlanSelectionTests {
    private func selection(_ members: JSONObject) throws -> PlanRequest {
        var object = try Plans.object("targets", nil)
        for member in members.members { object[member.name] = member.value }
        return try PlanDecoder.decode(object, messageID: nil, trace: nil)
    }

    private static let target = JSON.array([.object(["targetId": .integer(12)])])

    @Test(
        arguments: [
            [:], ["targets": .array([])], ["channelTypes": .array([])], ["allTargets": .bool(false)],
            ["targets": target, "allTargets": .bool(true)],
            ["targets": target, "channelTypes": .array([.string("feed")])],
            ["channelTypes": .array([.string("feed")]), "allTargets": .bool(true)],
            ["targets": .array([]), "allTargets": .bool(true)],
        ] as [JSONObject])
    func `needs exactly one way of naming targets`(members: JSONObject) {
        #expect(refusal { _ = try selection(members) }?.code == .targetsRequired)
    }

    @Test func `reads each way`() throws {
        #expect(try selection(["allTargets": .bool(true)]).selection == .all)
        #expect(
            try selection(["channelTypes": .array([.string("webhook"), .string("feed"), .string("feed")])]).selection
                == .channels([.feed, .webhook]))
        #expect(
            try selection(["targets": Self.target, "allTargets": .bool(false)]).selection
                == .targets([.init(id: TargetID(12), transform: nil)]))
    }

    @Test func `refuses a target named twice`() {
        let twice = JSON.array([.object(["targetId": .integer(12)]), .object(["targetId": .integer(12)])])
        let refusal = refusal { _ = try selection(["targets": twice]) }
        #expect(refusal?.context["path"] == "targets[1].targetId")
    }

    @Test func `a target's transform can narrow the plan's but not widen it`() throws {
        let own: JSONObject = ["excerptOnly": .bool(false), "includeAttribution": .bool(false)]
        let targets = JSON.array([.object(["targetId": .integer(12), "transform": .object(own)])])
        let plan = try selection([
            "targets": targets,
            "transform": .object(["excerptOnly": .bool(true), "includeCanonicalUrl": .bool(false)]),
        ])
        let expected = Transform(excerptOnly: true, includeCanonicalURL: false, includeAttribution: false)
        #expect(plan.selection == .targets([.init(id: TargetID(12), transform: expected)]))
    }

    @Test func `policy is closed where an entitlement is silent and open where an owner is`() throws {
        for (basis, channels, redistribution) in [("entitlement", [] as [ChannelType]?, false), ("owner", nil, true)] {
            let policy = JSON.object(["basis": .string(basis)])
            let plan = try selection(["allTargets": .bool(true), "policy": policy])
            #expect(plan.policy.allowedChannels == channels)
            #expect(plan.policy.allowRedistribution == redistribution)
            #expect(!plan.policy.excerptOnly)
        }
    }
}

import Distribution
import DistributionTesting
import Testing

@Suite struct PolicyGateTests {
    private static let past = Sample.now.adding(milliseconds: -1)
    private static let future = Sample.now.adding(milliseconds: 1)

    private static func entitlement(
        status: String = "active", remainingReads: Int64? = nil, expiresAt: Timestamp? = nil
    ) -> Policy.Entitlement {
        Policy.Entitlement(id: 33, status: status, remainingReads: remainingReads, expiresAt: expiresAt)
    }

    private static func licence(
        channels: [ChannelType]? = [.webhook], redistribution: Bool = true, expiresAt: Timestamp? = nil,
        entitlement: Policy.Entitlement? = entitlement()
    ) -> Policy {
        Sample.policy(
            basis: .entitlement, allowedChannels: channels, allowRedistribution: redistribution,
            expiresAt: expiresAt, entitlement: entitlement)
    }

    private func code(_ policy: Policy, status: String = "published", channel: ChannelType = .webhook) -> ErrorCode? {
        let decision = PolicyGate.decide(
            policy: policy, content: Sample.content(status: status), channel: channel, transform: Transform(),
            now: Sample.now)
        if case .denied(let error) = decision { return error.code } else { return nil }
    }

    @Test(
        arguments: [
            (licence(), nil),
            (licence(entitlement: entitlement(remainingReads: 1)), nil),
            (licence(expiresAt: future, entitlement: entitlement(expiresAt: future)), nil),
            (licence(entitlement: nil), .policyEntitlementInactive),
            (licence(entitlement: entitlement(status: "suspended")), .policyEntitlementInactive),
            (licence(entitlement: entitlement(status: "Active")), .policyEntitlementInactive),
            (licence(entitlement: entitlement(remainingReads: 0)), .policyEntitlementInactive),
            (licence(entitlement: entitlement(remainingReads: -1)), .policyEntitlementInactive),
            (licence(entitlement: entitlement(expiresAt: past)), .policyExpired),
            (licence(entitlement: entitlement(expiresAt: Sample.now)), .policyExpired),
            (licence(expiresAt: past), .policyExpired),
            (licence(expiresAt: past, entitlement: entitlement(expiresAt: future)), .policyExpired),
            (licence(redistribution: false), .policyRedistributionDenied),
            (licence(channels: []), .policyChannelDenied),
            (licence(channels: nil), .policyChannelDenied),
            (licence(channels: [.feed]), .policyChannelDenied),
            (Sample.policy(), nil),
            (Sample.policy(allowedChannels: [.webhook]), nil),
            (Sample.policy(entitlement: entitlement(status: "ended")), nil),
            (Sample.policy(allowedChannels: []), .policyChannelDenied),
            (Sample.policy(allowedChannels: [.feed]), .policyChannelDenied),
            (Sample.policy(expiresAt: past), .policyExpired),
            (Sample.policy(allowRedistribution: false), .policyRedistributionDenied),
        ] as [(Policy, ErrorCode?)])
    func `decides by the table`(policy: Policy, expected: ErrorCode?) {
        #expect(code(policy) == expected)
        #expect(code(policy, status: "draft") == .policyNotPublished)
    }

    @Test func `names the first thing that is missing`() {
        let nothing = Self.licence(
            channels: [], redistribution: false, expiresAt: Self.past, entitlement: Self.entitlement(status: "ended"))
        #expect(code(nothing, status: "draft") == .policyNotPublished)
        #expect(code(nothing) == .policyEntitlementInactive)
        #expect(code(Self.licence(channels: [], redistribution: false, expiresAt: Self.past)) == .policyExpired)
        #expect(code(Self.licence(channels: [], redistribution: false)) == .policyRedistributionDenied)
    }

    @Test func `an entitlement allows nothing unless every single condition holds`() {
        let expiries: [Timestamp?] = [nil, Self.past, Self.future]
        for status in ["published", "draft", ""] {
            for state in ["active", "inactive", nil] {
                for reads in [nil, 0, 5] as [Int64?] {
                    for (first, second) in expiries.flatMap({ one in expiries.map { (one, $0) } }) {
                        for redistribution in [true, false] {
                            for channels in [nil, [], [.feed], [.feed, .webhook]] as [[ChannelType]?] {
                                let held = state.map {
                                    Self.entitlement(status: $0, remainingReads: reads, expiresAt: second)
                                }
                                let policy = Self.licence(
                                    channels: channels, redistribution: redistribution, expiresAt: first,
                                    entitlement: held)
                                let isAllowed =
                                    status == "published" && state == "active" && reads != 0 && first != Self.past
                                    && second != Self.past && redistribution && channels?.contains(.webhook) == true
                                #expect((code(policy, status: status) == nil) == isAllowed)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
    func `policy and transform can each narrow to the excerpt`(policy: Bool, transform: Bool) {
        let decision = PolicyGate.decide(
            policy: Sample.policy(excerptOnly: policy), content: Sample.content(), channel: .webhook,
            transform: Transform(excerptOnly: transform), now: Sample.now)
        #expect(decision == .allowed(excerptOnly: policy || transform))
    }
}

/// What policy says to sending one content over one channel.
package enum PolicyDecision: Sendable, Hashable {
    /// - Parameter excerptOnly: Policy and transform joined: neither can widen the other.
    case allowed(excerptOnly: Bool)
    case denied(DeliveryError)
}

/// The one decision on whether content may leave; pure, and closed wherever something is missing.
///
/// | check, in this order | entitlement | owner | code |
/// |---|---|---|---|
/// | content is `published` | required | required | `POLICY_NOT_PUBLISHED` |
/// | entitlement is there, `active`, with reads left | required | – | `POLICY_ENTITLEMENT_INACTIVE` |
/// | neither policy nor entitlement has ended | where stated | where stated | `POLICY_EXPIRED` |
/// | `allowRedistribution` | required | unless stated false | `POLICY_REDISTRIBUTION_DENIED` |
/// | channel is in `allowedChannels` | required | where stated | `POLICY_CHANNEL_DENIED` |
package enum PolicyGate {
    package static func decide(
        policy: Policy, content: Content, channel: ChannelType, transform: Transform, now: Timestamp
    ) -> PolicyDecision {
        if content.status != "published" {
            return denied(.policyNotPublished, "The content is not published.")
        }
        if policy.basis == .entitlement, !isActive(policy.entitlement) {
            return denied(.policyEntitlementInactive, "The entitlement is missing, inactive or used up.")
        }
        if let expiry = policy.effectiveExpiry, expiry <= now {
            return denied(.policyExpired, "The licence ended at \(expiry).")
        }
        if !policy.allowRedistribution {
            return denied(.policyRedistributionDenied, "The policy does not allow redistribution.")
        }
        guard allows(policy, channel) else {
            return denied(.policyChannelDenied, "The policy does not allow the channel \(channel).")
        }
        return .allowed(excerptOnly: policy.excerptOnly || transform.excerptOnly)
    }

    private static func isActive(_ entitlement: Policy.Entitlement?) -> Bool {
        guard let entitlement, entitlement.status == "active" else { return false }
        return entitlement.remainingReads.map { $0 > 0 } ?? true
    }

    private static func allows(_ policy: Policy, _ channel: ChannelType) -> Bool {
        policy.allowedChannels?.contains(channel) ?? (policy.basis == .owner)
    }

    private static func denied(_ code: ErrorCode, _ message: String) -> PolicyDecision {
        .denied(DeliveryError(code: code, message: message))
    }
}

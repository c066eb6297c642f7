internal import Distribution

/// The routing keys of targets, so that a message does not spell one anew.
struct RoutingKeyCache: Sendable {
    private var keys: [TargetID: (channelType: ChannelType, text: String)] = [:]
    private static let limit = 16_384

    mutating func key(of claim: JobClaim) -> String {
        if let known = keys[claim.targetID], known.channelType == claim.channelType { return known.text }
        if keys.count >= Self.limit { keys.removeAll(keepingCapacity: true) }
        let text = JobRoutingKey(channelType: claim.channelType, targetID: claim.targetID).text
        keys[claim.targetID] = (claim.channelType, text)
        return text
    }
}

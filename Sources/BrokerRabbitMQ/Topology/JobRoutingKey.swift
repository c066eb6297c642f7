internal import Distribution

/// `<channel>.<targetId>`: how jobs and dead letters are addressed.
struct JobRoutingKey: Sendable, Hashable {
    let channelType: ChannelType
    let targetID: TargetID

    init(channelType: ChannelType, targetID: TargetID) {
        self.channelType = channelType
        self.targetID = targetID
    }

    init(_ queue: TargetQueue) {
        self.init(channelType: queue.channelType, targetID: queue.targetID)
    }

    /// - Returns: nil unless it is a channel's name, a dot and a positive decimal number without leading zeros.
    init?(text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let channelType = ChannelType(rawValue: String(parts[0])),
            let number = Int64(parts[1]), number > 0, parts[1] == String(number)
        else { return nil }
        self.init(channelType: channelType, targetID: TargetID(number))
    }

    var text: String { "\(channelType.rawValue).\(targetID.rawValue)" }

    /// Where nothing tells the target: no queue is bound to it, so that the message ends among the unrouted.
    static let unknownText = "unknown.0"
}

/// What both sides agreed on while tuning.
struct ConnectionLimits: Sendable, Equatable {
    var channelMax: UInt16
    var frameMax: UInt32
    /// 0 for no heartbeats.
    var heartbeatSeconds: UInt16

    /// The smaller of each wish, where the broker's 0 means "as you like". Frames are at least the protocol's 4,096
    /// bytes, and at most what librabbitmq takes by default.
    init(configuration: ConnectionConfiguration, channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16) {
        self.channelMax = min(channelMax == 0 ? .max : channelMax, 2047)
        let wish = UInt32(clamping: configuration.frameMax)
        self.frameMax = min(max(min(frameMax == 0 ? .max : frameMax, wish), 4096), 131_072)
        let ours = UInt16(clamping: configuration.heartbeatSeconds)
        heartbeatSeconds = ours == 0 || heartbeat == 0 ? max(ours, heartbeat) : min(ours, heartbeat)
    }
}

/// Decides, every half of the agreed interval, whether to send a heartbeat and whether the peer is still there
/// (AMQP 0-9-1, section 4.2.7: any traffic counts; two silent intervals are the end).
struct HeartbeatMonitor {
    enum Decision: Equatable {
        case none
        case send
        case giveUp
    }

    private var hasSent = false
    private var hasReceived = false
    private var silentHalves = 0

    mutating func sent() { hasSent = true }
    mutating func received() { hasReceived = true }

    mutating func halfIntervalPassed() -> Decision {
        silentHalves = hasReceived ? 0 : silentHalves + 1
        let mustSend = !hasSent
        hasReceived = false
        hasSent = false
        if silentHalves >= 4 { return .giveUp }
        return mustSend ? .send : .none
    }
}

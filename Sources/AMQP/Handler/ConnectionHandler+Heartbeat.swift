internal import NIOCore

extension ConnectionHandler {
    func startHeartbeats() {
        guard let seconds = limits?.heartbeatSeconds, seconds > 0 else { return }
        let half = TimeAmount.milliseconds(Int64(seconds) * 500)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        heartbeatTimer = eventLoop.scheduleRepeatedTask(initialDelay: half, delay: half) { _ in
            bound.value.beat()
        }
    }

    private func beat() {
        guard phase == .open || phase == .closing else { return }
        switch heartbeat.halfIntervalPassed() {
        case .none: break
        case .send: sendHeartbeat()
        case .giveUp: end(.timeout("two heartbeats in a row are missing"))
        }
    }
}

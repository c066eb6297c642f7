internal import AMQP

extension Connection {
    /// Returns when the connection is open, has been closed for good, or the task is cancelled.
    func waitUntilOpen() async {
        for await state in states() {
            switch state {
            case .connected, .blocked, .closed: return
            case .connecting: continue
            }
        }
    }
}

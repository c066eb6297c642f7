internal import AMQP

extension Connection {
    /// Whether channels can be opened now.
    var isOpen: Bool {
        switch state {
        case .connected, .blocked: true
        case .connecting, .closed: false
        }
    }

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

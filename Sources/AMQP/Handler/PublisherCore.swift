internal import NIOCore
internal import Synchronization

/// What of a publisher outlives connections: its inbox, open while a connection is.
final class PublisherCore: Attachment {
    let requests = Mailbox<PublishRequest>(isOpen: false)
    private let channel = Mutex<NIOLoopBound<PublisherChannel>?>(nil)

    func expectAttaching() {
        requests.open()
    }

    func attach(to handler: ConnectionHandler, whenReady: @escaping () -> Void) {
        let publisher = PublisherChannel(handler: handler, requests: requests, whenReady: whenReady)
        guard handler.phase == .open else { return publisher.connectionDidClose(.notConnected) }
        requests.open()
        channel.withLock { [bound = NIOLoopBound(publisher, eventLoop: handler.eventLoop)] in $0 = bound }
        publisher.open()
    }

    func detach(from handler: ConnectionHandler) {
        let bound = channel.withLock { channel in
            defer { channel = nil }
            return channel
        }
        guard let bound, bound.value.handler === handler else { return }
        bound.value.close()
    }

    func finish() {
        requests.shut().forEach { $0.fail() }
        channel.withLock { $0 = nil }
    }
}

/// Finds out whether the broker answers, by opening a channel, which it closes again.
final class LivenessProbe: ChannelRole {
    private let handler: ConnectionHandler
    private let whenAnswered: (LivenessProbe) -> Void
    private var number: UInt16 = 0

    init(handler: ConnectionHandler, whenAnswered: @escaping (LivenessProbe) -> Void) {
        self.handler = handler
        self.whenAnswered = whenAnswered
    }

    func start() throws(AMQPError) {
        number = try handler.openChannel(self)
    }

    func channelDidOpen() {
        handler.closeChannel(number, of: self)
        whenAnswered(self)
    }

    func receive(_ method: IncomingMethod) throws(AMQPError) {
        throw .protocolViolation("an unexpected method on a channel that asks for nothing")
    }

    func receive(_ content: ContentAssembly.Content) throws(AMQPError) {
        throw .protocolViolation("a message on a channel that asks for nothing")
    }

    func channelDidClose(_ closure: BrokerClosure) {}
    func connectionDidClose(_ error: AMQPError) {}
}

/// What happens on one AMQP channel. Confined to the event loop; the handler holds it while the channel is open.
protocol ChannelRole: AnyObject {
    /// The broker opened the channel.
    func channelDidOpen()
    /// Any method but those about opening, closing, flow and content.
    func receive(_ method: IncomingMethod) throws(AMQPError)
    func receive(_ content: ContentAssembly.Content) throws(AMQPError)
    /// All that was read together has been received.
    func readDidComplete()
    /// `ConnectionHandler.mayPublish` may have become true.
    func publishingMayResume()
    /// The connection is about to be closed in good order: last chance to send.
    func connectionWillClose()
    /// The broker closed the channel; its number is free again.
    func channelDidClose(_ closure: BrokerClosure)
    /// The connection is gone, and the channel with it.
    func connectionDidClose(_ error: AMQPError)
}

extension ChannelRole {
    func readDidComplete() {}
    func publishingMayResume() {}
    func connectionWillClose() {}
}

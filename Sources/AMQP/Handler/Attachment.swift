/// What lives on a connection and is carried over to the next one.
protocol Attachment: AnyObject, Sendable {
    /// Takes requests from now on, because `attach` is about to follow.
    func expectAttaching()

    /// Opens its channel, on the event loop.
    ///
    /// - Parameter whenReady: called once, when it works or the connection has ended.
    func attach(to handler: ConnectionHandler, whenReady: @escaping () -> Void)

    /// Closes its channel, on the event loop, if it has one.
    func detach(from handler: ConnectionHandler)

    /// No connection will come any more.
    func finish()
}

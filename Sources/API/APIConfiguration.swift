/// What an operator may set about the HTTP server.
package struct APIConfiguration: Sendable, Hashable {
    /// The address to listen on.
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    /// Bytes of a request's body at most; a longer one is refused without being read on.
    package var maximumBodyBytes: Int
    /// Connections at once; further ones wait to be accepted.
    package var maximumConnections: Int
    /// Seconds after which a silent connection is closed.
    package var idleSeconds: Int64
    /// Milliseconds for which a key is trusted without asking the ledger again, so at most for which a revoked one
    /// still works.
    package var keyLifetimeMilliseconds: Int64
    /// Milliseconds that a request has for sending its body, and a write for reaching the ledger.
    package var patienceMilliseconds: Int64
    /// Milliseconds that `awaitDelivery` waits at most.
    package var deliveryWaitMilliseconds: Int64

    package init(
        host: String = "127.0.0.1", port: Int = 4005, maximumBodyBytes: Int = 1_048_576,
        maximumConnections: Int = 1_024, idleSeconds: Int64 = 60, keyLifetimeMilliseconds: Int64 = 3_000,
        patienceMilliseconds: Int64 = 15_000, deliveryWaitMilliseconds: Int64 = 10_000
    ) {
        self.host = host
        self.port = port
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumConnections = maximumConnections
        self.idleSeconds = idleSeconds
        self.keyLifetimeMilliseconds = keyLifetimeMilliseconds
        self.patienceMilliseconds = patienceMilliseconds
        self.deliveryWaitMilliseconds = deliveryWaitMilliseconds
    }
}

/// The limits of a client; every duration is in milliseconds.
package struct OutboundClientConfiguration: Sendable {
    /// One policy serves all requests of a client: a pooled connection never outlives the policy it was made under.
    package var policy: AddressPolicy
    /// How many names are looked up at the same time.
    package var resolverThreads = 32
    /// How many look-ups may be under way or waiting for a thread.
    package var maxPendingLookups = 1_024
    package var positiveTTL = 30_000
    /// How long a quick "no such name" is believed.
    package var negativeTTL = 10_000
    /// How long a name is left alone whose servers did not answer.
    package var timeoutTTL = 60_000
    /// Connections that wait for their next request, over all hosts.
    package var maxIdleConnections = 2_048
    /// Connections that wait for one host. Fewer than its requests in flight at once triple the cost of each, as answers
    /// come in bursts and what does not fit is closed and opened again.
    package var idlePerKey = 256
    package var idleTimeout = 30_000
    /// Connections in any state, over all hosts; beyond, requests fail with `tooBusy`.
    package var maxConnections = 8_192

    package init(policy: AddressPolicy = AddressPolicy()) {
        self.policy = policy
    }

    package init(
        policy: AddressPolicy, resolverThreads: Int = 32, maxIdleConnections: Int = 2_048, idlePerKey: Int = 256,
        idleTimeout: Int = 30_000
    ) {
        self.policy = policy
        self.resolverThreads = resolverThreads
        self.maxIdleConnections = maxIdleConnections
        self.idlePerKey = idlePerKey
        self.idleTimeout = idleTimeout
    }
}

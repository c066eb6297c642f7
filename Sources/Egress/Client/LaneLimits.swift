internal import NIOCore

/// One event loop's share of the client's limits.
struct LaneLimits: Sendable {
    let maxIdle: Int
    let idlePerKey: Int
    let idleTimeout: TimeAmount
    let maxConnections: Int

    init(_ configuration: OutboundClientConfiguration, lanes: Int) {
        maxIdle = max(configuration.maxIdleConnections / lanes, 0)
        idlePerKey = configuration.idlePerKey
        idleTimeout = .milliseconds(Int64(configuration.idleTimeout))
        maxConnections = max(configuration.maxConnections / lanes, 1)
    }
}

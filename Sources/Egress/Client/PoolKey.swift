/// What two requests must have in common to share a connection; the policy is the client's own and so the same.
struct PoolKey: Sendable, Hashable {
    let host: String
    let port: Int
    /// Nil for plain HTTP.
    let tlsProfile: UInt64?
}

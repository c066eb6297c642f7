/// One request as the receiver saw it, complete.
package struct ReceivedRequest: Sendable {
    package let method: String
    /// The request target: path and query.
    package let path: String
    /// In the order received; empty where the receiver keeps no bodies.
    package let headers: [(String, String)]
    /// Empty where the receiver keeps no bodies.
    package let body: [UInt8]
    /// The `webhook-id` header, the same on every attempt of one delivery.
    package let deliveryID: String?
    /// The end of the request in nanoseconds of the machine's monotonic clock, comparable between processes.
    package let monotonicNanoseconds: Int64
    /// The end of the request in nanoseconds since 1970.
    package let wallNanoseconds: Int64
    /// The connection's number, from 1 in the order of acceptance.
    package let connectionID: Int
    /// What the receiver's `verify` said; nil without one.
    package let isVerified: Bool?

    /// The first header of that name, in whatever case.
    package func header(_ name: String) -> String? {
        headers.first { $0.0.utf8.count == name.utf8.count && $0.0.lowercased() == name.lowercased() }?.1
    }
}

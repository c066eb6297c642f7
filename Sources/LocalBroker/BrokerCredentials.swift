/// The node's own administrator, made at random when the data folder is.
package struct BrokerCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let username: String
    /// A secret: never log it.
    package let password: String

    package var description: String { "\(username):‹redacted›" }
    package var debugDescription: String { description }
}

extension BrokerCredentials: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["username": username]) }
}

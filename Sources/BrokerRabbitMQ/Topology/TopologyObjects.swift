package import AMQP

/// An exchange as it is declared; always durable.
package struct ExchangeDescription: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case topic, direct, fanout, headers
    }

    package let name: String
    package let kind: Kind
    package let arguments: FieldTable
}

/// A queue as it is declared; always durable.
package struct QueueDescription: Sendable, Hashable {
    package let name: String
    package let arguments: FieldTable
}

/// A route from an exchange to a queue or to another exchange.
package struct BindingDescription: Sendable, Hashable {
    package enum Destination: Sendable, Hashable {
        case queue(String)
        case exchange(String)
    }

    package let source: String
    package let destination: Destination
    package let routingKey: String
    package let arguments: FieldTable
}

/// A policy of queues: what an operator may change without declaring them anew.
package struct PolicyDescription: Sendable, Hashable {
    package let name: String
    /// A regular expression on queue names.
    package let pattern: String
    package let priority: Int
    package let definition: FieldTable
}

/// A login and what it may do; its password is the operator's to set.
package struct UserDescription: Sendable, Hashable {
    package let name: String
    package let tags: [String]
    /// Regular expressions on the names of exchanges and queues.
    package let configure: String
    package let write: String
    package let read: String
}

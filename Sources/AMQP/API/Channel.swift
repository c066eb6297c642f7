/// One open AMQP channel for declarations and other calls, which the broker answers in their order.
///
/// Once the broker has closed it, or `Connection.withChannel` has ended, every call throws.
package final class Channel: Sendable {
    init() {}
}

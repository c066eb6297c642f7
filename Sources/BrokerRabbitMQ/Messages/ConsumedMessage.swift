internal import AMQP
internal import Distribution

/// A delivery as the domain holds it: to settle it, and to publish it elsewhere whole.
final class ConsumedMessage: MessageSettlement {
    let delivery: Delivery

    init(_ delivery: Delivery) {
        self.delivery = delivery
    }

    func acknowledge() {
        delivery.ack()
    }

    func giveBack() {
        delivery.reject(requeue: true)
    }
}

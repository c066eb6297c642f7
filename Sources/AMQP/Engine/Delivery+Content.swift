extension Delivery {
    init(
        _ head: DeliverMethod, _ content: ContentAssembly.Content, queue: String,
        settlements: Mailbox<TaggedSettlement>
    ) {
        self.init(
            consumerTag: head.consumerTag, queue: queue, exchange: head.exchange, routingKey: head.routingKey,
            redelivered: head.redelivered, properties: content.properties, body: content.body, tag: head.tag,
            settlements: settlements)
    }
}

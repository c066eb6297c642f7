extension EventComposer {
    /// What surrounds the data of an event.
    struct Envelope {
        /// `<entity>.<event>`
        let kind: String
        let subject: String?
        let domainID: DomainID
        let correlationID: String?
        let trace: TraceContext?
    }

    func compose(
        _ envelope: Envelope, _ stamp: EventStamp, data: (inout JSONWriter) -> Void
    ) -> OutgoingEvent {
        let id = stamp.id.description
        var writer = JSONWriter(reservingCapacity: 1_280)
        writer.beginObject()
        attributes(envelope, stamp, id, &writer)
        writer.key("data")
        writer.beginObject()
        data(&writer)
        writer.endObject()
        writer.endObject()
        return OutgoingEvent(
            id: id, routingKey: "distribution.\(envelope.domainID.rawValue).\(envelope.kind)",
            correlationID: envelope.correlationID, body: writer.bytes)
    }

    /// The context attributes of CloudEvents 1.0 and the extensions for sequence and distributed tracing.
    private func attributes(_ envelope: Envelope, _ stamp: EventStamp, _ id: String, _ writer: inout JSONWriter) {
        writer.key("specversion")
        writer.string("1.0")
        writer.key("id")
        writer.string(id)
        writer.key("source")
        writer.string(source)
        writer.key("type")
        writer.string("distribution." + envelope.kind)
        if let subject = envelope.subject {
            writer.key("subject")
            writer.string(subject)
        }
        writer.key("time")
        writer.timestamp(stamp.time)
        writer.key("datacontenttype")
        writer.string("application/json")
        writer.key("domainid")
        writer.integer(envelope.domainID.rawValue)
        if let sequence = stamp.sequence {
            writer.key("sequence")
            writer.string(Self.sortable(sequence))
        }
        guard let trace = envelope.trace else { return }
        writer.key("traceparent")
        writer.string(trace.traceparent)
        if let state = trace.tracestate {
            writer.key("tracestate")
            writer.string(state)
        }
    }

    private static func sortable(_ sequence: Int64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
    }
}

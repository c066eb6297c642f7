import Testing

@testable import AMQP

/// Headers that a stranger made up. What this side fails at comes again, so that failing once is failing for ever.
@Suite("Headers of strangers", .timeLimit(.minutes(1)))
struct HeaderLimitTests {
    @Test func `longer than this side's frames arrive`() async throws {
        try await withBroker(configure: { $0.frameMax = 131_072 }) { sender in
            try await sender.declareQueue("q", arguments: ["x-queue-type": "quorum"])
            let headers: FieldTable = ["note": .string(String(repeating: "x", count: 130_000))]
            let message = OutgoingMessage(
                exchange: "", routingKey: "q", properties: MessageProperties(headers: headers), body: [1])
            #expect(await sender.connection.makePublisher().publish(message) == .confirmed)
            try await withBroker(url: sender.url, configure: { $0.frameMax = 4096 }) { receiver in
                let group = receiver.connection.makeConsumerGroup(name: "g")
                try await group.add(queue: "q", consumerTag: "c", prefetch: 1)
                let first = await group.collect(1) { $0.reject(requeue: true) }
                #expect(first.map(\.properties.headers["note"]) == [headers["note"]])
                // The queue has added its count of deliveries.
                let second = await group.collect(1) { $0.ack() }
                #expect(second.map(\.properties.headers["note"]) == [headers["note"]])
                #expect(receiver.connection.state == .connected(generation: 1))
            }
        }
    }

    @Test func `nested too deeply end where they are too deep`() throws {
        let level = 26_000
        // An entry `a` of arrays within one another, the innermost of them empty.
        var table: [UInt8] = [1, UInt8(ascii: "a")]
        for inner in stride(from: level, to: 0, by: -1) {
            table += [UInt8(ascii: "A")] + bytes(UInt32(5 * (inner - 1)))
        }
        var value = try #require(try decodedHeaders(table)["a"])
        var depth = 0
        while case .array(let elements) = value {
            depth += 1
            guard let element = elements.first else { break }
            value = element
        }
        #expect(depth == 63)
        #expect(value == .void)
    }

    @Test func `of many names take time in proportion to them`() throws {
        let names = (0..<20_000).map { String($0, radix: 36) }
        let table = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) + [UInt8(ascii: "V")] }
        var headers: FieldTable = [:]
        let took = try ContinuousClock().measure {
            headers = try decodedHeaders(table + [1, UInt8(ascii: "0"), UInt8(ascii: "V")])
        }
        #expect(headers.fields.map(\.name) == names)
        #expect(took < .seconds(1))
    }

    /// What comes of a content header with these entries.
    private func decodedHeaders(_ table: [UInt8]) throws -> FieldTable {
        let payload: [UInt8] =
            [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0] + bytes(UInt32(table.count)) + table
        let header: [UInt8] = [2, 0, 1] + bytes(UInt32(payload.count)) + payload + [0xCE]
        let tune: [UInt8] = [1, 0, 0, 0, 0, 0, 12, 0, 10, 0, 30, 0, 100, 0, 2, 0, 0, 0, 60, 0xCE]
        let decoder = try FrameDecoder()
        var headers: FieldTable?
        for frame in [tune, header] {
            try frame.withUnsafeBytes { frame in
                try decoder.decode(frame) { _, frame throws(AMQPError) in
                    switch frame {
                    case .method: try decoder.tune(channelMax: 100)
                    case .header(_, let properties): headers = properties.headers
                    case .body, .heartbeat: break
                    }
                }
            }
        }
        return try #require(headers)
    }

    private func bytes(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

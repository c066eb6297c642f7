import Distribution
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import clawcast

/// A client that sends exactly the bytes it is told to, one connection a request.
struct APIProbe: Sendable {
    /// An answer as it came.
    struct Answer: Sendable {
        let status: Int
        let fields: [(name: String, value: String)]
        let text: String

        subscript(field: String) -> String? { fields.first { $0.name == field }?.value }

        var object: JSONObject { ((try? JSON.parse(text)) ?? .null).objectValue ?? [:] }
        var data: JSONObject { object["data"]?.objectValue ?? [:] }
        var list: [JSONObject] { object["data"]?.arrayValue?.compactMap(\.objectValue) ?? [] }
        var meta: JSONObject { object["meta"]?.objectValue ?? [:] }
        var code: String? { object["code"]?.stringValue }
        var context: JSONObject { object["context"]?.objectValue ?? [:] }
    }

    let port: Int
    let fields: [String: String]

    /// The bootstrap key, for domain 1.
    init(_ system: TestSystem) throws {
        let port = system.service.apiAddress.split(separator: ":").last.flatMap { Int($0) }
        self.port = try #require(port)
        fields = ["x-api-key": system.service.adminKey.reveal(), "x-wordclaw-domain": "1"]
    }

    /// The bootstrap key of a service that is another process, for domain 1.
    init(port: Int, folder: String) throws {
        self.port = port
        let key = try String(contentsOfFile: folder + "/admin-key", encoding: .utf8)
        fields = ["x-api-key": key.trimmed, "x-wordclaw-domain": "1"]
    }

    /// The bootstrap key, for domain 1, of a service in another process.
    init(address: String, dataDirectory: String) throws {
        guard let port = address.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw SystemTestError("\(address) names no port.")
        }
        let key = try String(contentsOfFile: dataDirectory + "/admin-key", encoding: .utf8)
        self.init(port: port, fields: ["x-api-key": String(key.prefix { $0 != "\n" }), "x-wordclaw-domain": "1"])
    }

    private init(port: Int, fields: [String: String]) {
        self.port = port
        self.fields = fields
    }

    /// The same client with these fields instead.
    func with(_ fields: [String: String]) -> APIProbe {
        APIProbe(port: port, fields: fields)
    }

    func get(_ path: String) async throws -> Answer {
        try await send("GET", path)
    }

    /// Sends JSON below `/api/distribution`.
    func send(
        _ method: String, _ path: String, _ body: JSONObject? = nil, _ extra: [String: String] = [:]
    ) async throws -> Answer {
        var extra = extra
        let bytes = body.map { JSON.object($0).serialized() }
        if bytes != nil, extra["content-type"] == nil { extra["content-type"] = "application/json" }
        return try await send(method, absolute: "/api/distribution" + path, bytes ?? [], extra)
    }

    /// Sends these bytes as the body.
    func send(
        _ method: String, absolute path: String, _ body: [UInt8] = [], _ extra: [String: String] = [:]
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        for (name, value) in fields.merging(extra, uniquingKeysWith: { $1 }) { head += "\(name): \(value)\r\n" }
        if !body.isEmpty { head += "content-length: \(body.count)\r\n" }
        return try await send(Array((head + "\r\n").utf8) + body)
    }

    /// Asks `/ready` until its answer is such: a log line that tells of the same may come a moment earlier.
    func ready(until isSo: (Answer) -> Bool) async throws -> Answer {
        while true {
            let answer = try await send("GET", absolute: "/ready")
            if isSo(answer) { return answer }
        }
    }

    /// Sends these bytes and reads until the server closes the connection.
    func send(_ bytes: [UInt8]) async throws -> Answer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let received = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var received = ByteBuffer()
            do {
                for try await part in inbound { received.writeImmutableBuffer(part) }
            } catch  where received.readableBytes > 0 {
                // A server that does not read on resets the connection behind its answer.
            }
            return received
        }
        guard received.readableBytes > 0 else { throw SystemTestError("The server closed without an answer.") }
        return try Self.parse(String(buffer: received))
    }

    private static func parse(_ text: String) throws -> Answer {
        let end = try #require(text.firstRange(of: "\r\n\r\n"))
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        let fields = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return Answer(status: status, fields: fields, text: String(text[end.upperBound...]))
    }
}

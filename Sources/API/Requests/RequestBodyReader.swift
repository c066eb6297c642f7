import Distribution
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the JSON object in a request's body.
enum RequestBodyReader {
    /// - Throws: ``RequestRefusal`` with 415 where the body is declared as anything but JSON in UTF-8.
    static func checkType(_ request: Request) throws {
        let declared = request.headers[.contentType] ?? ""
        let parts = declared.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\"" } }
        let isJSON = parts.first.map { $0 == "application/json" || $0.hasSuffix("+json") } ?? false
        let charsets = parts.dropFirst().filter { $0.hasPrefix("charset=") }
        guard isJSON, charsets.allSatisfy({ $0 == "charset=utf-8" }) else {
            throw RequestRefusal.unsupportedMediaType
        }
    }

    /// - Throws: `PAYLOAD_TOO_LARGE` as soon as it is known, whatever is still to come; `TIMEOUT` when the task is
    ///   cancelled before the end.
    static func bytes(of request: Request, limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= limit else { throw Refusal.payloadTooLarge(limit: limit) }
            bytes.append(contentsOf: part.readableBytesView)
        }
        guard !Task.isCancelled else { throw RequestRefusal.bodyTooSlow }
        return bytes
    }
}

extension Refusal {
    static func payloadTooLarge(limit: Int) -> Refusal {
        Refusal(
            .payloadTooLarge, "The body has more than \(limit) bytes.",
            remediation: "Send at most \(limit) bytes.")
    }
}

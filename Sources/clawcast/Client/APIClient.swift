import Distribution
import Egress

/// Calls the API of a running service.
struct APIClient: Sendable {
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// Answers beyond it are cut, and then refused: a page of the largest list stays well below.
    private static let maximumAnswer = 64 << 20
    private static let basePath = "/api/distribution"

    /// Scheme, host and port.
    let origin: String
    private let key: Secret
    private let domain: Int64?
    private let client: OutboundClient

    /// - Parameter domain: named in `x-wordclaw-domain` for a key that is bound to none.
    init(origin: OutboundURL, key: Secret, domain: Int64?) throws {
        self.origin = origin.origin
        self.key = key
        self.domain = domain
        // Whoever calls the command has chosen the address; the policy protects from addresses that others choose.
        let anywhere = AddressPolicy(allowed: [try CIDR("0.0.0.0/0"), try CIDR("::/0")], allowsPlainHTTP: true)
        client = OutboundClient(configuration: OutboundClientConfiguration(policy: anywhere))
    }

    func shutdown() async { await client.shutdown() }

    /// Makes one call.
    ///
    /// - Parameter path: below `/api/distribution`.
    /// - Throws: ``CommandFailure`` with the API's own sentence where it refuses, or how to start it where it is not there.
    func call(
        _ method: Method, _ path: String, query: [(String, String?)] = [], body: JSON? = nil,
        headers: [(String, String)] = []
    ) async throws -> APIAnswer {
        try await call(method, path, query: query, bytes: body?.serialized(), headers: headers)
    }

    func call(
        _ method: Method, _ path: String, query: [(String, String?)] = [], bytes: [UInt8]?,
        headers: [(String, String)] = []
    ) async throws -> APIAnswer {
        let target = Self.basePath + path + Self.text(of: query)
        var fields = [
            ("accept", "application/json"), ("user-agent", "clawcast/\(Release.version)"), ("x-api-key", key.reveal()),
        ]
        if let domain { fields.append(("x-wordclaw-domain", String(domain))) }
        if bytes != nil { fields.append(("content-type", "application/json")) }
        let response = try await send(
            OutboundRequest(
                method: method.rawValue, url: try OutboundURL(origin + target), headers: fields + headers,
                body: bytes ?? [], totalTimeout: 30_000, maxResponseBytes: Self.maximumAnswer))
        let json = try? JSON.parse(response.body)
        guard (200..<300).contains(response.status) else {
            throw Self.failure(status: response.status, json, bytes: response.body)
        }
        guard let json, !response.isBodyTruncated else {
            throw CommandFailure(
                "\(origin) does not answer as Clawcast does.", remediation: "Check the address given by --api.")
        }
        let isReplayed = response.header("x-idempotent-replayed") == "true"
        return APIAnswer(status: response.status, bytes: response.body, json: json, isReplayed: isReplayed)
    }

    private func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        do throws(EgressError) {
            return try await client.send(request)
        } catch {
            throw CommandFailure(
                "Clawcast cannot be reached at \(origin): \(error.detail)",
                remediation: "Start it with `clawcast run`, or name its address with --api.")
        }
    }

    private static func failure(status: Int, _ json: JSON?, bytes: [UInt8]) -> CommandFailure {
        guard let json, let sentence = json.text("error") else {
            return CommandFailure("The API answered with status \(status).", json: bytes.isEmpty ? nil : bytes)
        }
        let code = json.text("code").map { " (\($0))" } ?? ""
        return CommandFailure(sentence + code, remediation: json.text("remediation"), json: bytes)
    }

    private static func text(of query: [(String, String?)]) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(percentEncoded($0))" } }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    /// RFC 3986 §2.3: all but the unreserved characters.
    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}

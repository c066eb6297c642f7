import Distribution
import Egress
import Foundation

/// The few calls of the REST API that a scenario needs.
struct APIClient: Sendable {
    private let service: ServiceProcess
    private let client: OutboundClient

    init(service: ServiceProcess) async throws {
        self.service = service
        let policy = AddressPolicy(allowed: [try CIDR("127.0.0.0/8")], allowsPlainHTTP: true)
        client = OutboundClient(configuration: OutboundClientConfiguration(policy: policy))
    }

    func waitUntilReady() async throws {
        for _ in 0..<600 {
            if let response = try? await send("GET", "/ready"), response.status == 200 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw BenchError("The service did not become ready within 30 s.")
    }

    func createTarget(_ target: JSONObject) async throws -> Int64 {
        let answer = try await send("POST", "/api/distribution/targets", JSON.object(target).serialized())
        let body = try JSON.parse(answer.body).objectValue
        guard answer.status == 201, let id = body?["data"]?.objectValue?["id"]?.integerValue else {
            throw BenchError("A target was refused: \(String(decoding: answer.body, as: UTF8.self))")
        }
        return id
    }

    /// Jobs of a target by status; read in pages that the client takes whole (64 KiB).
    func jobs(of target: Int64) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var cursor: String?
        repeat {
            let more = cursor.map { "&cursor=\($0)" } ?? ""
            let answer = try await send("GET", "/api/distribution/jobs?targetId=\(target)&limit=50\(more)")
            guard let body = try JSON.parse(answer.body).objectValue, let jobs = body["data"]?.arrayValue else {
                throw BenchError("The jobs of a target cannot be listed: HTTP \(answer.status).")
            }
            for job in jobs { counts[job.objectValue?["status"]?.stringValue ?? "", default: 0] += 1 }
            cursor = body["meta"]?.objectValue?["nextCursor"]?.stringValue
        } while cursor != nil
        return counts
    }

    func pauseTarget(_ id: Int64) async throws {
        try await change("/api/distribution/targets/\(id)/pause")
    }

    func resumeTarget(_ id: Int64) async throws {
        try await change("/api/distribution/targets/\(id)/resume")
    }

    /// A figure of /metrics by its name; nil where there is none.
    func metric(_ name: String) async throws -> Double? {
        let page = String(decoding: try await send("GET", "/metrics").body, as: UTF8.self)
        let line = page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    private func change(_ path: String) async throws {
        let answer = try await send("POST", path, Array("{}".utf8))
        guard answer.status == 200 else {
            throw BenchError("\(path) was refused: \(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    func close() async {
        await client.shutdown()
    }

    private func send(_ method: String, _ path: String, _ body: [UInt8] = []) async throws -> OutboundResponse {
        var headers = [("x-wordclaw-domain", "1"), ("content-type", "application/json")]
        if let key = try? String(contentsOfFile: service.dataDirectory + "/admin-key", encoding: .utf8) {
            headers.append(("x-api-key", key.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        let url = try OutboundURL(service.address + path)
        return try await client.send(OutboundRequest(method: method, url: url, headers: headers, body: body))
    }
}

import Distribution
import Egress

/// Asks the running service how it is.
enum ServiceCheck {
    static func findings(_ configuration: ServiceConfiguration) async -> [Finding] {
        let address = configuration.http.url
        guard let answer = await readiness(at: address) else {
            return [
                Finding(
                    .warn, "service", "nothing answers at \(address)", remediation: "Start it with `clawcast run`.")
            ]
        }
        switch answer.status {
        case 200: return [Finding(.ok, "service", "ready at \(address)")]
        case 503:
            return [
                Finding(
                    .fail, "service", answer.json?.text("error") ?? "is not ready",
                    remediation: answer.json?.text("remediation"))
            ]
        default:
            return [
                Finding(
                    .fail, "service", "something else than Clawcast answers at \(address)",
                    remediation: "Stop it, or set CLAWCAST_HTTP to another address.")
            ]
        }
    }

    private static func readiness(at address: String) async -> (status: Int, json: JSON?)? {
        guard let url = try? OutboundURL(address + "/ready"), let v4 = try? CIDR("0.0.0.0/0"),
            let v6 = try? CIDR("::/0")
        else { return nil }
        let policy = AddressPolicy(allowed: [v4, v6], allowsPlainHTTP: true)
        let client = OutboundClient(configuration: OutboundClientConfiguration(policy: policy))
        let request = OutboundRequest(method: "GET", url: url, connectTimeout: 2_000, totalTimeout: 5_000)
        let response = try? await client.send(request)
        await client.shutdown()
        return response.map { ($0.status, try? JSON.parse($0.body)) }
    }
}

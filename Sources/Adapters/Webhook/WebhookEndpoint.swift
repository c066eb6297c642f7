import Distribution
import Egress

/// One webhook target as it stood at one revision: everything that does not change between attempts, prepared.
struct WebhookEndpoint: DeliveryEndpoint {
    private let signing: WebhookSigning
    private let client: OutboundClient
    private let time: any TimeSource
    /// The request without body and without the headers of an attempt.
    private let template: OutboundRequest

    /// - Parameter secretHeaders: Sent beside those of the configuration.
    init(
        configuration: WebhookConfiguration, signing: WebhookSigning, secretHeaders: [(name: String, value: String)],
        timeouts: DeliveryTimeouts, client: OutboundClient, time: any TimeSource
    ) {
        self.signing = signing
        self.client = client
        self.time = time
        var headers = [("user-agent", "clawcast/\(Release.version)")]
        for (name, value) in configuration.headers + secretHeaders { headers.append((name, value)) }
        template = OutboundRequest(
            method: "POST", url: configuration.url, headers: headers, connectTimeout: Int(timeouts.connect),
            totalTimeout: Int(timeouts.total))
    }

    func deliver(_ attempt: DeliveryAttempt) async -> DeliveryResult {
        let start = time.monotonicMilliseconds()
        let request: OutboundRequest
        do {
            request = try self.request(for: attempt)
        } catch {
            return HTTPDelivery.failure(
                .credentialsUnavailable, "The request could not be signed.", .unsent,
                durationMilliseconds: time.monotonicMilliseconds() - start)
        }
        do throws(EgressError) {
            let response = try await client.send(request)
            return HTTPDelivery.result(
                of: response, to: template.url, durationMilliseconds: time.monotonicMilliseconds() - start,
                now: time.now())
        } catch {
            return HTTPDelivery.result(of: error, durationMilliseconds: time.monotonicMilliseconds() - start)
        }
    }

    private func request(for attempt: DeliveryAttempt) throws -> OutboundRequest {
        var request = template
        request.body = attempt.body
        // One growth to the final size: these, four of the signing, two of the trace.
        request.headers.reserveCapacity(template.headers.count + 7)
        request.headers.append(("content-type", attempt.contentType))
        try signing.sign(attempt, into: &request.headers)
        if let trace = attempt.trace {
            request.headers.append(("traceparent", trace.traceparent))
            if let state = trace.tracestate { request.headers.append(("tracestate", state)) }
        }
        return request
    }
}

import Distribution
import Egress

/// One webhook target as it stood at one revision.
struct WebhookEndpoint: DeliveryEndpoint {
    private let configuration: WebhookConfiguration
    private let signing: WebhookSigning
    private let client: OutboundClient
    private let time: any TimeSource
    private let template: OutboundRequest
    private let fixedHeaders: [(String, String)]

    init(
        configuration: WebhookConfiguration, signing: WebhookSigning, timeouts: DeliveryTimeouts,
        client: OutboundClient, time: any TimeSource
    ) {
        self.configuration = configuration
        self.signing = signing
        self.client = client
        self.time = time
        template = OutboundRequest(
            method: "POST", url: configuration.url, connectTimeout: Int(timeouts.connect),
            totalTimeout: Int(timeouts.total))
        fixedHeaders = [("user-agent", "clawcast/\(Release.version)")] + configuration.headers
    }

    func deliver(_ attempt: DeliveryAttempt) async -> DeliveryResult {
        let start = time.monotonicMilliseconds()
        var request = template
        request.body = attempt.body
        do {
            request.headers = try headers(for: attempt)
        } catch {
            let outcome = DeliveryResult.Outcome.failed(
                code: .credentialsUnavailable, message: "The request could not be signed.", certainty: .unsent)
            return DeliveryResult(outcome: outcome, statusCode: nil, durationMilliseconds: 0, responseExcerpt: nil)
        }
        do throws(EgressError) {
            let response = try await client.send(request)
            return HTTPDelivery.result(
                of: response, durationMilliseconds: time.monotonicMilliseconds() - start, now: time.now())
        } catch {
            return HTTPDelivery.result(of: error, durationMilliseconds: time.monotonicMilliseconds() - start)
        }
    }

    private func headers(for attempt: DeliveryAttempt) throws -> [(String, String)] {
        var headers = fixedHeaders
        headers.append(("content-type", attempt.contentType))
        headers.append(contentsOf: try signing.headers(for: attempt))
        if let trace = attempt.trace {
            headers.append(("traceparent", trace.traceparent))
            if let state = trace.tracestate { headers.append(("tracestate", state)) }
        }
        return headers
    }
}

import Distribution
import HTTPTypes
import Hummingbird
import Orchestrator
import PrometheusExport

/// What probes and scrapers ask; needs no key and tells nothing of any domain.
struct OperationRoutes: Sendable {
    let useCases: DistributionUseCases
    let metrics: PrometheusMetricsFactory
    private let gauges: LedgerGauges

    init(useCases: DistributionUseCases, metrics: PrometheusMetricsFactory) {
        self.useCases = useCases
        self.metrics = metrics
        gauges = LedgerGauges(useCases: useCases, metrics: metrics)
    }

    var endpoints: [Endpoint] {
        [
            .open("/health") { _ in .json(.ok, Self.status("ok")) },
            .open("/ready") { ready($0) },
            .open("/metrics") { _ in await exposition() },
        ]
    }

    /// 503 with the reasons while work cannot be taken.
    private func ready(_ requestID: String) -> Response {
        let obstacles = useCases.health.obstacles
        guard !obstacles.isEmpty else {
            return .json(.ok, Self.status("ready"))
        }
        let isLedger = obstacles.contains { $0.hasPrefix("ledger") }
        let code: ErrorCode = isLedger ? .ledgerUnavailable : .brokerUnavailable
        return .json(
            .serviceUnavailable,
            .object([
                "error": .string(Self.sentence(for: obstacles)),
                "code": .string(code.rawValue),
                "remediation":
                    .string(
                        (isLedger ? useCases.health.ledgerRemediation : useCases.health.remediation)
                            ?? Remediation.sentence(for: code)),
                "context": .object([
                    "reasons": .array(obstacles.map { .string($0) }), "requestId": .string(requestID),
                ]),
            ]))
    }

    /// One sentence of reasons, some of which are sentences themselves.
    private static func sentence(for obstacles: [String]) -> String {
        let reasons = obstacles.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        return "Not ready: \(reasons.joined(separator: "; "))."
    }

    private static func status(_ word: String) -> JSON {
        .object(["data": .object(["status": .string(word)]), "meta": .object([:])])
    }

    private func exposition() async -> Response {
        metrics.set(gauge: "clawcast_ready", to: useCases.health.isReady ? 1 : 0)
        await gauges.refresh()
        return Response(
            status: .ok, headers: [.contentType: PrometheusMetricsFactory.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.expositionWithProcess())))
    }
}

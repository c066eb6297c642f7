import Metrics
import PrometheusExport

/// The process's one exporter; swift-metrics takes it once.
enum MetricsExport {
    static let shared: PrometheusMetricsFactory = {
        let exporter = PrometheusMetricsFactory()
        MetricsSystem.bootstrap(exporter)
        return exporter
    }()
}

import API
import Metrics
import PrometheusExport

/// The process's one exporter; swift-metrics takes it once.
enum MetricsExport {
    static let shared: PrometheusMetricsFactory = {
        let exporter = PrometheusMetricsFactory(help: MetricsCatalogue.help, buckets: MetricsCatalogue.buckets)
        MetricsSystem.bootstrap(exporter)
        return exporter
    }()
}

package import CoreMetrics
import Synchronization

/// Keeps the metrics of swift-metrics in memory and writes them as Prometheus text.
///
/// A series is made once for each label and its dimensions (in whatever order) and lives until it is destroyed; making
/// it again yields the same one. Counters, meters and gauges are lock-free. Timers become histograms in seconds,
/// recorders become summaries without quantiles, or histograms where buckets are given for their label.
///
/// A label that is used for two kinds of metric keeps its first kind: what is recorded under the other is not exposed,
/// as a page with both would be refused as a whole.
package final class PrometheusMetricsFactory: MetricsFactory {
    /// Upper bounds of a timer's buckets in seconds, where its label has none of its own: 5 ms to 30 s.
    package static let defaultTimerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30]

    private let registry = Mutex(Registry())
    private let help: [String: String]
    private let buckets: [String: [Double]]

    /// - Parameters:
    ///   - help: a sentence for each label, shown on the page.
    ///   - buckets: upper bounds for each label of a timer (in seconds) or recorder, in any order, `+Inf` left out.
    package init(help: [String: String] = [:], buckets: [String: [Double]] = [:]) {
        self.help = help
        self.buckets = buckets.mapValues { bounds in Set(bounds.filter(\.isFinite)).sorted() }
    }

    /// The page in text format 0.0.4: families by name, series by labels, so that equal states give equal pages.
    ///
    /// Each series is read at one moment, the page as a whole is not.
    package func exposition() -> String {
        let families = registry.withLock { $0.families }
        var page = ExpositionPage()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            page.family(name, kind: family.kind.rawValue, help: help[family.label])
            for series in family.series.values.sorted(by: { $0.labels < $1.labels }) {
                series.write(to: &page, family: name)
            }
        }
        return page.text
    }

    private func series<Made: Series>(
        _ kind: MetricKind, _ label: String, _ dimensions: [(String, String)], _ make: (String) -> Made
    ) -> Made {
        let key = SeriesKey(kind: kind, dimensions: dimensions)
        return registry.withLock { registry in
            registry.series(label: label, kind: kind, key: key) { make(key.text) }
        }
    }

    private func remove(_ handler: AnyObject) {
        guard let series = handler as? any Series else { return }
        registry.withLock { $0.remove(series) }
    }
}

extension PrometheusMetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, label, dimensions) { CounterSeries(labels: $0) }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions) { FloatingPointCounterSeries(labels: $0) }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, label, dimensions) { GaugeSeries(labels: $0) }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(.gauge, label, dimensions) { GaugeSeries(labels: $0) } }
        guard let bounds = buckets[label] else {
            return series(.summary, label, dimensions) { DistributionSeries(labels: $0, bounds: nil) }
        }
        return series(.histogram, label, dimensions) { DistributionSeries(labels: $0, bounds: bounds) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let bounds = buckets[label] ?? Self.defaultTimerBuckets
        return series(.histogram, label, dimensions) { DistributionSeries(labels: $0, bounds: bounds) }
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}

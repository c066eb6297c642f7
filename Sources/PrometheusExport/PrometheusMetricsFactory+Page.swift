import CoreMetrics

extension PrometheusMetricsFactory {
    /// The content type of ``exposition()`` and ``expositionWithProcess()``.
    package static let contentType = ExpositionPage.contentType

    /// ``exposition()`` and the figures of this process (`process_*`), read from `/proc` now.
    ///
    /// What `/proc` does not tell is left out.
    package func expositionWithProcess() -> String {
        exposition() + ProcessMetrics.exposition()
    }
}

extension PrometheusMetricsFactory {
    /// Sets a gauge without a handle, for figures that are only known when somebody asks.
    package func set(gauge label: String, dimensions: [(String, String)] = [], to value: Double) {
        makeMeter(label: label, dimensions: dimensions).set(value)
    }
}

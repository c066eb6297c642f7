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

import CoreMetrics

/// A sum that only grows; amounts that are not positive and finite are ignored.
final class FloatingPointCounterSeries: Series, FloatingPointCounterHandler {
    let labels: String
    private let value = AtomicDouble()

    init(labels: String) {
        self.labels = labels
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.add(amount)
    }

    func reset() {
        value.store(0)
    }

    func write(to page: inout ExpositionPage, family: String) {
        page.sample(family, labels: labels, value.load())
    }
}

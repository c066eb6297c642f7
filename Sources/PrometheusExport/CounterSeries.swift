import CoreMetrics
import Synchronization

/// A count that only grows; increments that are not positive are ignored, as they would look like a restart.
final class CounterSeries: Series, CounterHandler {
    let labels: String
    private let value = Atomic<Int64>(0)

    init(labels: String) {
        self.labels = labels
    }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        value.store(0, ordering: .relaxed)
    }

    func write(to page: inout ExpositionPage, family: String) {
        page.sample(family, labels: labels, String(value.load(ordering: .relaxed)))
    }
}

import CoreMetrics

/// The last value that was set, or recorded by a recorder that does not aggregate.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    let labels: String
    private let value = AtomicDouble()

    init(labels: String) {
        self.labels = labels
    }

    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
    func record(_ value: Int64) { self.value.store(Double(value)) }
    func record(_ value: Double) { self.value.store(value) }

    func write(to page: inout ExpositionPage, family: String) {
        page.sample(family, labels: labels, value.load())
    }
}

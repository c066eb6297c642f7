import CoreMetrics
import Synchronization

/// Count and sum of what was observed, with buckets where it has bounds.
///
/// A timer's observations are kept in seconds. What is not finite is ignored: one such value would spoil the sum for
/// good.
final class DistributionSeries: Series, TimerHandler, RecorderHandler {
    private struct State: Sendable {
        /// Observations of each bucket alone; the last place counts those above all bounds.
        var counts: [UInt64]
        var sum = 0.0
    }

    let labels: String
    private let bounds: [Double]?
    private let state: Mutex<State>

    /// - Parameter bounds: ascending; nil for a summary.
    init(labels: String, bounds: [Double]?) {
        self.labels = labels
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: (bounds?.count ?? 0) + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }

    private func observe(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.map { bounds in bounds.firstIndex { value <= $0 } ?? bounds.count } ?? 0
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(to page: inout ExpositionPage, family: String) {
        let state = state.withLock { $0 }
        var total: UInt64 = 0
        for (place, count) in state.counts.enumerated() {
            total += count
            guard let bounds else { continue }
            let bound = place < bounds.count ? ExpositionPage.number(bounds[place]) : "+Inf"
            let separator = labels.isEmpty ? "" : ","
            page.sample(family + "_bucket", labels: "\(labels)\(separator)le=\"\(bound)\"", String(total))
        }
        page.sample(family + "_sum", labels: labels, state.sum)
        page.sample(family + "_count", labels: labels, String(total))
    }
}

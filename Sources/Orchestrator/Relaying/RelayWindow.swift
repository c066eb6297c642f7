/// Which events are under way: a pure machine over the places of batches, in the order in which they left.
///
/// While few are under way the next ones leave at once, behind them on the same channel; above that they wait for a
/// confirm and leave together. Once a batch was not confirmed whole nothing leaves until all others have ended too, and
/// then everything from the first event that is not confirmed leaves again.
struct RelayWindow {
    private enum Progress {
        /// On its way to the channel: what left now could overtake it.
        case leaving
        case sent
        case confirmed
        case failed
    }

    private struct Batch {
        let number: Int
        let last: Int64
        let count: Int
        var progress = Progress.leaving

        var isUnderWay: Bool { progress == .leaving || progress == .sent }
    }

    /// Events under way below which the next batch need not wait.
    private let eagerLimit: Int
    /// From the first that is not confirmed on.
    private var batches: [Batch] = []
    private var lastNumber = 0
    /// The place of the newest event that has left.
    private(set) var left: Int64 = 0
    /// The place up to which the broker has confirmed everything.
    private(set) var confirmed: Int64 = 0

    init(eagerLimit: Int) {
        self.eagerLimit = eagerLimit
    }

    /// Whether a batch may leave now and would arrive behind those before it.
    var isOpen: Bool {
        guard let newest = batches.last else { return true }
        let underWay = batches.reduce(0) { $0 + ($1.isUnderWay ? $1.count : 0) }
        return newest.progress != .leaving && underWay < eagerLimit && !hasFailed
    }

    /// Whether something was not confirmed and all else has ended, too.
    var mustRewind: Bool { hasFailed && !batches.contains(where: \.isUnderWay) }

    private var hasFailed: Bool { batches.contains { $0.progress == .failed } }

    /// Notes a batch that leaves.
    ///
    /// - Parameter last: The place of its last event.
    /// - Returns: Its number, for what is told of it.
    mutating func leave(_ count: Int, through last: Int64) -> Int {
        lastNumber += 1
        batches.append(Batch(number: lastNumber, last: last, count: count))
        left = last
        return lastNumber
    }

    /// A batch is on its way: what leaves now arrives behind it.
    mutating func wasSent(_ number: Int) {
        guard let index = index(of: number), batches[index].progress == .leaving else { return }
        batches[index].progress = .sent
    }

    /// A batch has ended.
    ///
    /// - Returns: Whether ``confirmed`` has moved.
    mutating func end(_ number: Int, isConfirmed: Bool) -> Bool {
        guard let index = index(of: number) else { return false }
        batches[index].progress = isConfirmed ? .confirmed : .failed
        let before = confirmed
        while let first = batches.first, first.progress == .confirmed {
            confirmed = first.last
            batches.removeFirst()
        }
        return confirmed > before
    }

    /// Begins again behind the last event up to which all are confirmed.
    mutating func rewind() {
        batches = []
        left = confirmed
    }

    private func index(of number: Int) -> Int? {
        batches.firstIndex { $0.number == number }
    }
}

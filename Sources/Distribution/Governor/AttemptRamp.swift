/// How many attempts a target gets at once after it could not take any: one first, and more as it takes them.
///
/// A target that came back from an outage is taken at its word: each success adds one, which doubles what is in flight
/// each round trip. One that said "too many" (429) is approached carefully: one more only after forty successes for each
/// that is allowed, so that about one request in forty is refused when its limit is met again.
struct AttemptRamp: Sendable, Hashable {
    enum Growth: Sendable, Hashable {
        case quick
        case careful
    }

    private static let carefulSuccesses = 40

    let growth: Growth
    private(set) var limit = 1
    private var successes = 0

    init(_ growth: Growth) {
        self.growth = growth
    }

    mutating func accepted() {
        successes += 1
        guard growth == .quick || successes >= limit * Self.carefulSuccesses else { return }
        limit += 1
        successes = 0
    }
}

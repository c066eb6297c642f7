import Distribution

/// The batches of jobs that are being published, by number.
struct BatchesUnderWay {
    private var batches: [Int: [OwedJob]] = [:]
    private var last = 0

    mutating func begin(_ jobs: [OwedJob]) -> Int {
        last += 1
        batches[last] = jobs
        return last
    }

    mutating func end(_ number: Int) {
        batches[number] = nil
    }

    /// In the order of their jobs.
    func claims(of id: TargetID) -> [JobClaim] {
        batches.values.flatMap { $0 }.map(\.claim).filter { $0.targetID == id }.sorted { $0.jobID < $1.jobID }
    }
}

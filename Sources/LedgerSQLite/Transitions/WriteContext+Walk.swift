import Distribution

extension WriteContext {
    /// Jobs that are moved between two looks at the clock.
    static let movedPart = 20
    /// Jobs that are looked through between two.
    private static let walkedWindow: Int64 = 500

    /// Walks over the jobs of a plan by id, a few at a time, with a look at the clock between.
    ///
    /// - Parameters:
    ///   - limit: Jobs that are looked through at most.
    ///   - find: The jobs among these that are to be moved, by id, ``movedPart`` at most.
    ///   - move: Moves what was found.
    /// - Returns: The last job that was looked at; nil where none is left.
    func walkJobs(
        of id: PlanID, after: JobID, limit: Int?, until clock: StepClock?,
        _ find: (ClosedRange<JobID>) throws -> [JobID], _ move: ([JobID]) throws -> Void
    ) throws -> JobID? {
        guard let jobs = try jobRange(of: id), after < jobs.upperBound else { return nil }
        var next = max(after.rawValue + 1, jobs.lowerBound.rawValue)
        let end = jobs.upperBound.rawValue + 1
        let stop = limit.map { min(next + Int64($0), end) } ?? end
        repeat {
            let window = JobID(next)...JobID(min(next + Self.walkedWindow, stop) - 1)
            let found = try find(window)
            try move(found)
            next = (found.count < Self.movedPart ? window.upperBound : found.last ?? window.upperBound).rawValue + 1
        } while next < stop && clock?.isUsedUp != true
        return next < end ? JobID(next - 1) : nil
    }

    private func jobRange(of id: PlanID) throws -> ClosedRange<JobID>? {
        var select = try query("SELECT firstJobId, lastJobId FROM distribution_plans WHERE id = ?")
        select.bind(id)
        return try select.first { row -> ClosedRange<JobID>? in
            let (first, last): (JobID, JobID) = (row.id(0), row.id(1))
            return first <= last ? first...last : nil
        } ?? nil
    }
}

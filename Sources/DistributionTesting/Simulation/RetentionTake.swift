package import Distribution

/// What one step of retention took from the ledger, as it stood before: whether it might is for the check to say.
package struct RetentionTake: Sendable {
    /// The bytes of a job that is no dead letter.
    package struct Body: Sendable {
        package let jobID: JobID
        package let isOpen: Bool
        package let plan: Plan
    }

    /// When the step was made.
    package let at: Timestamp
    package let plans: [InMemoryTables.PlanRow]
    /// Jobs of those plans that had not ended, or were being attempted.
    package let openJobs: [JobID]
    package let jobs: [InMemoryTables.JobRow]
    /// Dead letters that are no more.
    package let letters: [InMemoryTables.JobRow]
    package let bodies: [Body]
    package let runs: [DeadLetterRun]

    init(from before: InMemoryTables, to after: InMemoryTables, at moment: Timestamp) {
        at = moment
        let plans = before.plans.filter { after.plan($0.plan.id) == nil }
        self.plans = plans
        openJobs = before.jobs.filter { row in
            row.isOpen && plans.contains { $0.plan.id == row.job.planID }
        }.map(\.job.id)
        var (jobs, letters): ([InMemoryTables.JobRow], [InMemoryTables.JobRow]) = ([], [])
        var bodies: [Body] = []
        for row in before.jobs {
            guard let now = after.job(row.job.id) else {
                jobs.append(row)
                continue
            }
            if now.isPurged, !row.isPurged {
                letters.append(row)
            } else if now.payload == nil, row.payload != nil, let plan = before.plan(row.job.planID)?.plan {
                bodies.append(Body(jobID: row.job.id, isOpen: row.isOpen, plan: plan))
            }
        }
        (self.jobs, self.letters, self.bodies) = (jobs, letters, bodies)
        runs = before.runs.filter { run in !after.runs.contains { $0.id == run.id } }
    }
}

extension InMemoryTables.JobRow {
    fileprivate var isOpen: Bool { !job.status.isFinal || openAttempt != nil }
}

extension InMemoryTables {
    /// With everything that retention took put back as it stood then.
    package func restoring(_ takes: [RetentionTake]) -> InMemoryTables {
        guard !takes.isEmpty else { return self }
        var whole = self
        whole.plans = (takes.flatMap(\.plans) + plans).sorted { $0.plan.id < $1.plan.id }
        whole.jobs = (takes.flatMap(\.jobs) + jobs).sorted { $0.job.id < $1.job.id }
        whole.runs = (takes.flatMap(\.runs) + runs).sorted { $0.id < $1.id }
        return whole
    }
}

import Distribution
import DistributionTesting

extension SimulationCheck {
    /// Jobs whose plan has a time of its own, by id.
    var scheduled: [JobID: Timestamp] {
        var times: [JobID: Timestamp] = [:]
        for row in tables.jobs {
            guard let due = tables.plan(row.job.planID)?.plan.scheduledAt, due > row.job.createdAt else { continue }
            times[row.job.id] = due
        }
        return times
    }

    /// A job waits for its time in the ledger and nowhere else; where nothing goes wrong it leaves within 250 ms.
    func checkSchedule() {
        let times = scheduled
        var seen: Set<JobID> = []
        for publication in record.publications {
            guard let due = times[publication.jobID], seen.insert(publication.jobID).inserted else { continue }
            if publication.at < due || publication.isDelayed {
                violate("Job \(publication.jobID) was handed to the broker before its plan was due.")
            }
            let lateness = publication.at.milliseconds(since: due)
            if world.isCalm, world.withState({ $0.stops == 0 }), lateness > 250 {
                violate("Nothing went wrong, and job \(publication.jobID) left \(lateness) ms late.")
            }
        }
        let neverSent = times.keys.sorted().filter { !seen.contains($0) }.compactMap { tables.job($0)?.job }
        for job in neverSent where job.attempt > 0 {
            violate("Job \(job.id) was attempted and never handed to the broker.")
        }
    }
}

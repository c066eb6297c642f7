package import Distribution

/// The names of a namespace's exchanges and queues, made once.
package struct ObjectNames: Sendable, Hashable {
    /// Exchange and queue of what comes in.
    package let plans: String
    /// The exchange that fans jobs out; target queues are named below it.
    package let jobs: String
    /// Exchange and queue of jobs that found no queue.
    package let orphans: String
    /// The exchange of dead letters; their queues are named below it.
    package let dead: String
    package let deadPlans: String
    /// The exchange of receipts and status; consumers' queues are named below it.
    package let events: String
    package let eventsForWordClaw: String
    /// Exchange and queue of what nothing else took.
    package let unrouted: String
    /// Exchange and queue of each level of the delay ladder.
    package let delays: [String]
    private let jobsPrefix: String
    private let deadPrefix: String

    package init(namespace: BrokerNamespace, levels: Int) {
        let name = namespace.rawValue
        plans = "\(name).plans"
        jobs = "\(name).jobs"
        orphans = "\(name).orphans"
        dead = "\(name).dead"
        deadPlans = "\(name).dead.plans"
        events = "\(name).events"
        eventsForWordClaw = "\(name).events.wordclaw"
        unrouted = "\(name).unrouted"
        delays = (0..<levels).map { "\(name).delay.\($0)" }
        jobsPrefix = "\(name).jobs."
        deadPrefix = "\(name).dead."
    }

    /// The queue of a target's jobs.
    package func jobs(of queue: TargetQueue) -> String {
        jobsPrefix + JobRoutingKey(queue).text
    }

    /// The queue of a channel's dead letters.
    package func dead(of channel: ChannelType) -> String {
        deadPrefix + channel.rawValue
    }

    /// Which target a job queue's name belongs to; nil for any other name.
    func routingKey(ofJobQueue name: String) -> JobRoutingKey? {
        guard name.hasPrefix(jobsPrefix) else { return nil }
        return JobRoutingKey(text: name.dropFirst(jobsPrefix.count))
    }
}

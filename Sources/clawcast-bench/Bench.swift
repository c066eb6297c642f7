import ArgumentParser

/// Measures Clawcast as a whole process beside a real broker; one JSON line a scenario.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clawcast-bench",
        abstract: "Measure Clawcast: one JSON line a scenario.",
        discussion: """
            Every scenario starts a private broker and `clawcast run` as processes of their own, with a receiver in \
            this one, and stops them again. CPU seconds are user and system time from /proc.
            """,
        subcommands: [
            Throughput.self, Latency.self, Floor.self, Retries.self, Schedule.self, Idle.self, Isolation.self,
            Resumption.self, Retention.self, Backlog.self,
        ])
}

/// What every scenario needs to know.
struct StageOptions: ParsableArguments {
    @Option(help: "The clawcast executable to measure.")
    var clawcast: String

    @Option(help: "Attempts in flight at once (CLAWCAST_CONCURRENCY).")
    var concurrency: Int = 256
}

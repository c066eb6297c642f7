import Testing

@Suite(
    "A service and a broker that are killed at random",
    .serialized, .timeLimit(.minutes(3 + SoakSettings.current.rounds / 4)))
struct RandomKillTests {
    @Test func `round after round nothing is lost, and only what is called ambiguous comes twice`() async throws {
        let settings = SoakSettings.current
        try settings.say("soak: seed \(settings.seed), \(settings.rounds) rounds")
        let summary = try await RandomKills.with(seed: settings.seed) { kills in
            var summary = SoakSummary()
            for round in 1...max(1, settings.rounds) {
                let result = try await kills.play(round: round)
                try settings.say("soak: \(result)")
                summary.add(result)
            }
            return summary
        }
        try settings.say("soak: \(summary), seed \(settings.seed)")
        #expect(summary.rounds == max(1, settings.rounds))
        for problem in summary.problems { Issue.record("seed \(settings.seed), \(problem)") }
    }
}

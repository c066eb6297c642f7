import Foundation
import Testing

@Suite(
    "A service and a broker that are killed at random",
    .serialized, .timeLimit(.minutes(3 + SoakSettings.current.rounds / 4)))
struct RandomKillTests {
    @Test func `round after round nothing is lost, and only what is called ambiguous comes twice`() async throws {
        let settings = SoakSettings.current
        Self.say("soak: seed \(settings.seed), \(settings.rounds) rounds")
        var summary = SoakSummary()
        let outcome = await Outcome {
            try await RandomKills.with(seed: settings.seed) { kills in
                var summary = SoakSummary()
                for round in 1...max(1, settings.rounds) {
                    let result = try await kills.play(round: round)
                    Self.say("soak: \(result)")
                    summary.add(result)
                }
                return summary
            }
        }
        summary = try outcome.get()
        Self.say("soak: \(summary), seed \(settings.seed)")
        #expect(summary.rounds == settings.rounds)
        #expect(summary.lost == 0)
        for problem in summary.problems { Issue.record("seed \(settings.seed), \(problem)") }
    }

    /// On standard output, so that a run can be watched and repeated.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}

import Distribution
import Testing

@testable import clawcast

@Suite("A crash that is asked for", .timeLimit(.minutes(1)))
struct CrashOnCueTests {
    @Test func `nobody dies unasked`() throws {
        #expect(try CrashOnCue(environment: [:]) == nil)
        #expect(try CrashOnCue(environment: [CrashOnCue.variable: ""]) == nil)
    }

    @Test(arguments: CrashPoint.allCases)
    func `every boundary has a name, and a count where one is given`(point: CrashPoint) throws {
        let first = try #require(try CrashOnCue(environment: [CrashOnCue.variable: point.rawValue]))
        #expect((first.point, first.occurrence) == (point, 1))
        let third = try #require(try CrashOnCue(environment: [CrashOnCue.variable: "\(point.rawValue):3"]))
        #expect((third.point, third.occurrence) == (point, 3))
    }

    @Test(arguments: ["nowhere", "jobs-sent:0", "jobs-sent:", "jobs-sent:x", ":1", "jobs-sent:1:1"])
    func `anything else keeps the service from starting, and lists the names`(text: String) async throws {
        let run = try await CLIProgram.run(["run", "--http", "127.0.0.1:0"], [CrashOnCue.variable: text])
        #expect(run.code == 2)
        #expect(run.errors.contains("jobs-sent, jobs-confirmed"))
    }
}

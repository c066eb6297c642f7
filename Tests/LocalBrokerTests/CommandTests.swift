import Testing

@testable import LocalBroker

@Suite("Commands", .timeLimit(.minutes(1)))
struct CommandTests {
    @Test func `what a tool writes is returned, and it reads what it is given`() async throws {
        let output = try await Command(
            executable: "/bin/cat", arguments: [], environment: [:], input: "one\ntwo"
        ).output()
        #expect(output == "one\ntwo")
    }

    @Test func `a tool that fails is told with what it wrote`() async throws {
        let error = await #expect(throws: LocalBrokerError.self) {
            _ = try await Command(
                executable: "/bin/sh", arguments: ["-c", "echo no; exit 3"], environment: [:]
            ).output()
        }
        #expect(error?.code == .commandFailed)
        #expect(error?.cause == "no\n")
    }

    @Test func `a tool that does not end is killed`() async throws {
        let error = await #expect(throws: LocalBrokerError.self) {
            _ = try await Command(
                executable: "/bin/sleep", arguments: ["600"], environment: [:], timeoutSeconds: 1
            ).output()
        }
        #expect(error?.code == .commandFailed)
        #expect(error?.message.contains("within 1 s") == true)
    }

    @Test func `what a tool leaves behind does not keep its output open`() async throws {
        let output = try await Command(
            executable: "/bin/sh", arguments: ["-c", "sleep 600 & echo done"],
            environment: ["PATH": Installation.searchPath]
        ).output()
        #expect(output == "done\n")
    }
}

import Egress
import Testing

@Suite("Deadlines and cancellation", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("a server that never answers is given up, and the request counts as sent")
    func neverAnswers() async throws {
        try await withServer(.silent) { server in
            try await withClient { client in
                let error = try await client.failure(server.url(), totalTimeout: 200)
                #expect(error.code == .timedOut)
                #expect(error.phase == .response)
                #expect(error.requestState == .sent)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }
}

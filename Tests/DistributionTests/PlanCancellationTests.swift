import Distribution
import Testing

@Suite struct PlanCancellationTests {
    private func decode(_ text: String) throws -> PlanCancellation {
        try PlanCancellation.decode(Array(text.utf8))
    }

    @Test func `names a plan by its id or by its key`() throws {
        #expect(
            try decode(#"{"domainId":1,"planId":7,"reason":"ignored"}"#)
                == PlanCancellation(domainID: DomainID(1), subject: .id(PlanID(7))))
        #expect(
            try decode(#"{"domainId":1,"idempotencyKey":"k","planId":null,"schemaVersion":1}"#)
                == PlanCancellation(domainID: DomainID(1), subject: .idempotencyKey("k")))
    }

    @Test(arguments: [
        "", "[]", #"{"planId":7}"#, #"{"domainId":1}"#, #"{"domainId":1,"planId":7,"idempotencyKey":"k"}"#,
        #"{"domainId":1,"planId":0}"#, #"{"domainId":1,"planId":"7"}"#, #"{"domainId":1,"idempotencyKey":""}"#,
        #"{"domainId":1,"planId":7,"schemaVersion":2}"#,
    ])
    func `refuses what does not name exactly one`(text: String) {
        #expect(refusal { _ = try decode(text) }?.code == .validationError)
    }
}

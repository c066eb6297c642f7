import Distribution
import Testing

@Suite struct DeadLetterSelectionTests {
    @Test func `what was written is read as it was`() throws {
        let now = Timestamp(milliseconds: 1_775_469_600_000)
        let all = DeadLetterSelection(
            planID: PlanID(1), targetID: TargetID(2), channelType: .webhook, errorCode: .httpStatus, diedFrom: now,
            diedBefore: now.adding(milliseconds: 1), jobIDs: [JobID(3), JobID(4)])
        for selection in [all, DeadLetterSelection(), .nothing] {
            #expect(try DeadLetterSelection(json: selection.json) == selection)
        }
    }

    @Test(arguments: [
        ("errorCode", JSON.string("OF_TOMORROW")), ("errorCode", .integer(5)), ("channelType", .string("Web Hook")),
        ("statusCode", .integer(503)), ("diedBefore", .string("tomorrow")), ("planId", .string("1")),
        ("jobIds", .array([.integer(1), .string("2")])), ("jobIds", .integer(1)),
    ])
    func `a word that is not understood is refused, as more would be meant without it`(name: String, value: JSON) {
        #expect(throws: Refusal.self) { try DeadLetterSelection(json: ["targetId": .integer(2), name: value]) }
    }
}

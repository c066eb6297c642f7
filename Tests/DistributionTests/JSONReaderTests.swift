import Distribution
import DistributionTesting
import Testing

@Suite struct JSONReaderTests {
    private let reader = JSONReader(
        [
            "text": .string("abc"), "number": .number("1.5"), "whole": .number("7"), "flag": .bool(true), "none": .null,
            "list": .array([.string("a")]), "object": .object(["inner": .string("x")]), "secret": .string("hunter2"),
        ],
        path: "policy")

    @Test func `names the field, its place and nothing of its value`() {
        let refusal = refusal { _ = try reader.requiredBool("secret") }
        #expect(refusal?.code == .validationError)
        #expect(refusal?.message == "policy.secret must be a boolean.")
        #expect(refusal?.context == ["path": "policy.secret"])
        #expect(refusal?.description.contains("hunter2") == false)
    }

    @Test func `takes null for absent`() throws {
        #expect(try reader.optionalString("none") == nil)
        #expect(try reader.optionalInteger("missing") == nil)
        #expect(refusal { _ = try reader.requiredObject("none") }?.message == "policy.none is required.")
        #expect(!reader.has("none") && !reader.has("missing") && reader.has("flag"))
    }

    @Test func `reads each type`() throws {
        #expect(try reader.requiredString("text", length: 3...3) == "abc")
        #expect(try reader.requiredInteger("whole", in: 7...7) == 7)
        #expect(try reader.requiredNumber("number", in: 1...2) == 1.5)
        #expect(try reader.requiredBool("flag"))
        #expect(try reader.optionalStrings("list") == ["a"])
        #expect(try reader.requiredArray("list").count == 1)
        #expect(try reader.requiredObject("object").requiredString("inner") == "x")
        #expect(try reader.requiredObject("object").path == "policy.object")
    }

    @Test func `holds bounds`() {
        #expect(refusal { _ = try reader.requiredString("text", length: 4...9) } != nil)
        #expect(refusal { _ = try reader.requiredInteger("whole", in: 8...9) } != nil)
        #expect(refusal { _ = try reader.requiredInteger("number") } != nil)
        #expect(refusal { _ = try reader.requiredNumber("number", in: 2...3) } != nil)
        #expect(refusal { _ = try reader.requiredTimestamp("text") } != nil)
    }

    @Test func `refuses what is not listed`() {
        let refusal = refusal { try reader.refuseUnknown(allowed: ["text"]) }
        #expect(refusal?.message == "policy.number is not a known field.")
        #expect(refusal?.remediation.contains("text") == true)
    }
}

/// The refusal that an expression throws; nil where it throws none.
func refusal(_ body: () throws -> Void) -> Refusal? {
    do {
        try body()
        return nil
    } catch {
        return error as? Refusal
    }
}

import Distribution
import DistributionTesting
import Testing

@Suite struct JSONParsingTests {
    @Test(arguments: [
        #"{"b":[1.10,-0,1e400,12345678901234567890],"a":{"é":"\n"},"n":null,"t":true,"f":false}"#,
        "[]", "{}", "[[],{}]", "\"\"", "0", "-0.5E+10", "\"\u{2028}😀\"", #""\u0000\u001f""#,
    ])
    func `keeps what was written`(text: String) throws {
        let value = try JSON.parse(text)
        #expect(String(decoding: value.serialized(), as: UTF8.self) == text)
        #expect(try JSON.parse(value.serialized()) == value)
    }

    @Test(arguments: [
        (" \t\r\n1 ", JSON.number("1")), (#""\u00e9\/\"\\\b\f\n\r\t""#, .string("é/\"\\\u{8}\u{c}\n\r\t")),
        (#""\uD83D\uDE00""#, .string("😀")), (#""a\u0041b""#, .string("aAb")),
        ("[1 , 2]", .array([.number("1"), .number("2")])),
        (#"{ "a" : { } }"#, .object(["a": .object([:])])),
    ])
    func `reads whitespace and escapes`(text: String, expected: JSON) throws {
        #expect(try JSON.parse(text) == expected)
    }

    @Test(arguments: [
        ("", 0), (" ", 1), ("{", 1), ("[", 1), ("[1", 2), ("[1,]", 3), ("{\"a\"}", 4), ("{\"a\":}", 5),
        ("{\"a\":1,}", 7), ("{a:1}", 1), ("1 2", 2), ("tru", 0), ("nul", 0), ("True", 0), ("01", 1), ("-", 1),
        ("1.", 2), (".5", 0), ("+1", 0), ("1e", 2), ("1e+", 3), ("0x10", 1), ("NaN", 0), ("Infinity", 0),
        ("\"a", 2), ("\"\n\"", 1), (#""\x""#, 1), (#""\u12""#, 1), (#""\u12G4""#, 1), (#""\uD800""#, 1),
        (#""\uDC00""#, 1), (#""\uD800\u0041""#, 1), ("'a'", 0), ("/**/1", 0), ("[1}", 2), ("{\"a\":1]", 6),
        ("\u{FEFF}1", 0), (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"\u0061":2}"#, 7), ("\"\\", 1),
    ])
    func `refuses what is not JSON, and says where`(text: String, offset: Int) {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(text) }
        do {
            _ = try JSON.parse(text)
        } catch {
            #expect(error.offset == offset, "\(text): \(error)")
        }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF, 0xBB, 0xBF],
    ])
    func `refuses bytes that are not UTF-8`(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(bytes) }
        #expect(throws: JSONSyntaxError.self) { try JSON.parse([0x22, 0x5C, 0x6E] + bytes.dropFirst()) }
    }

    @Test func `nests as deep as allowed and no deeper`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON.parse(nested(64))
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(nested(65)) }
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(String(repeating: "{\"a\":", count: 100_000)) }
        #expect(throws: JSONSyntaxError.self) { try JSON.parse("[[]]", maximumDepth: 1) }
    }

    @Test(arguments: [2, 12, 13, 14, 400])
    func `finds a repeated name among many members`(count: Int) throws {
        let members = (0..<count).map { "\"m\($0)\":\($0)" }
        let object = try JSON.parse("{\(members.joined(separator: ","))}").objectValue
        #expect(object?.count == count)
        #expect(object?["m\(count - 1)"] == .integer(count - 1))
        for repeated in [0, count / 2, count - 1] {
            let text = "{\((members + ["\"m\(repeated)\":null"]).joined(separator: ","))}"
            #expect(throws: JSONSyntaxError.self) { try JSON.parse(text) }
        }
    }

    @Test func `takes names that differ in normalization only for the same`() {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse("{\"\u{e9}\":1,\"e\u{301}\":2}") }
    }

    @Test func `sorts members at every depth and nothing else`() throws {
        let value = try JSON.parse(#"{"b":[{"d":1.0,"c":2},"x"],"a":null}"#)
        let sorted = #"{"a":null,"b":[{"c":2,"d":1.0},"x"]}"#
        #expect(String(decoding: value.canonicallySerialized(), as: UTF8.self) == sorted)
    }

    @Test func `never traps on mutated text, and what it accepts survives a round trip`() throws {
        let seeds = [
            #"{"a":[1,2.5e-3,"x\u00e9\uD83D\uDE00",{"b":{"c":[null,true,false]}}],"d":"ü\n"}"#,
            Plans.complete, #"[{"k":"v"},[[]],"\\\"",-0.0]"#,
        ].map { Array($0.utf8) }
        let random = SeededRandomness(seed: 20_260_406)
        var accepted = 0
        for round in 0..<6_000 {
            let bytes = random.mutated(seeds[round % seeds.count])
            guard let value = try? JSON.parse(bytes) else { continue }
            accepted += 1
            #expect(try JSON.parse(value.serialized()) == value)
            #expect(
                try JSON.parse(value.canonicallySerialized()).canonicallySerialized() == value.canonicallySerialized())
        }
        #expect(accepted > 150)
    }
}

import Distribution
import DistributionTesting
import Testing

@Suite struct JSONWriterTests {
    @Test func `sets the commas itself`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(Int64.min)
        writer.integer(0)
        writer.integer(Int64.max)
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.endArray()
        writer.key("b")
        writer.bool(true)
        writer.key(escaping: "c\"\n")
        writer.timestamp(Sample.now)
        writer.key("d")
        writer.string(nil)
        writer.key("e")
        writer.integer(nil as Int64?)
        writer.endObject()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(
            text == #"{"a":[-9223372036854775808,0,9223372036854775807,{},[]],"b":true,"#
                + #""c\"\n":"2026-04-06T10:00:00.000Z","d":null,"e":null}"#)
    }

    @Test func `escapes every control character, quote and backslash and nothing else`() throws {
        for scalar in (0..<0x300).compactMap(Unicode.Scalar.init) {
            let text = "a\(Character(scalar))b"
            let bytes = JSON.string(text).serialized()
            #expect(try JSON.parse(bytes) == .string(text))
            let isEscaped = bytes.contains(UInt8(ascii: "\\"))
            #expect(isEscaped == (scalar.value < 0x20 || scalar == "\"" || scalar == "\\"))
        }
    }
}

import Distribution
import Testing

@Suite struct JSONParsingTests {
    @Test func `keeps what was written`() throws {
        let text = #"{"b":[1.10,-0,1e400],"a":{"é":"\n"},"n":null,"t":true}"#
        #expect(String(decoding: try JSON.parse(text).serialized(), as: UTF8.self) == text)
    }
}

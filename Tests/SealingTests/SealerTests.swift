import Sealing
import Testing

@Suite struct SealerTests {
    private let sealer: Sealer
    private let plaintext = Array("whsec_something".utf8)
    private let context = Array("target:12".utf8)

    init() throws {
        sealer = Sealer(masterKey: try MasterKey.generate())
    }

    @Test func `what was sealed opens in its context, and looks different every time`() throws {
        let first = try sealer.seal(plaintext, context: context)
        let second = try sealer.seal(plaintext, context: context)
        #expect(first != second)
        #expect(first.first == 1)
        #expect(first.count == plaintext.count + 33)
        #expect(try sealer.open(first, context: context) == plaintext)
        #expect(try sealer.open(second, context: context) == plaintext)
        #expect(try sealer.open(sealer.seal([], context: []), context: []) == [])
    }

    @Test func `no byte can be changed, and no context exchanged`() throws {
        let sealed = try sealer.seal(plaintext, context: context)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: SealingError.self) { try sealer.open(altered, context: context) }
        }
        #expect(throws: SealingError.notAuthentic) { try sealer.open(sealed, context: Array("target:13".utf8)) }
        for count in 0..<sealed.count {
            #expect(throws: SealingError.self) { try sealer.open(Array(sealed.prefix(count)), context: context) }
        }
    }

    @Test func `another master key is named as the reason`() throws {
        let other = Sealer(masterKey: try MasterKey.generate())
        let sealed = try other.seal(plaintext, context: context)
        #expect(throws: SealingError.wrongMasterKey) { try sealer.open(sealed, context: context) }
    }
}

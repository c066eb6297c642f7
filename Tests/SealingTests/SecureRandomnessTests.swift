import Distribution
import Sealing
import Testing

@Suite struct SecureRandomnessTests {
    @Test func `numbers do not repeat across refills and threads`() async {
        let randomness = SecureRandomness()
        let drawn = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 { group.addTask { (0..<1000).map { _ in randomness.next() } } }
            return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
        }
        #expect(drawn.count == 8000)
        #expect(!drawn.contains(0))
    }

    @Test func `random bytes are as many as asked for`() throws {
        #expect(try randomBytes(0) == [])
        #expect(try randomBytes(33).count == 33)
        #expect(try randomBytes(32) != randomBytes(32))
    }

    @Test func `equality looks at every byte and at the length`() {
        #expect(ConstantTime.equals([], []))
        #expect(ConstantTime.equals([1, 2], [1, 2]))
        #expect(!ConstantTime.equals([1, 2], [1, 3]))
        #expect(!ConstantTime.equals([1, 2], [1, 2, 3]))
    }
}

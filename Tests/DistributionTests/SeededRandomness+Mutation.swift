import Distribution
import DistributionTesting

extension SeededRandomness {
    func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// The bytes after one to three small accidents: a flipped, lost, repeated or foreign byte, a lost end, a swap.
    func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var mutated = bytes
        for _ in 0...below(3) where !mutated.isEmpty {
            let place = below(mutated.count)
            switch below(6) {
            case 0: mutated[place] ^= 1 << UInt8(below(8))
            case 1: mutated.remove(at: place)
            case 2: mutated.insert(mutated[below(mutated.count)], at: place)
            case 3: mutated[place] = Array("{}[]\",:\\u0129eE+-.ntf \u{FF}".utf8)[below(24)]
            case 4: if below(8) == 0 { mutated.removeSubrange(place...) }
            default: mutated.swapAt(place, below(mutated.count))
            }
        }
        return mutated
    }
}

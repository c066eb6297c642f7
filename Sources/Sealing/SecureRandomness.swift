import COpenSSL
import Distribution
import Synchronization

/// The real ``Randomness``: OpenSSL's generator, drawn in blocks so that an identifier costs next to nothing.
package final class SecureRandomness: Randomness {
    private struct Block {
        var words = [UInt64](repeating: 0, count: 128)
        var used = 128
    }

    private let block = Mutex(Block())

    package init() {}

    package func next() -> UInt64 {
        block.withLock { block in
            if block.used == block.words.count { Self.refill(&block) }
            let word = block.words[block.used]
            // What was handed out may name something secret; it is not kept.
            block.words[block.used] = 0
            block.used += 1
            return word
        }
    }

    private static func refill(_ block: inout Block) {
        let result = block.words.withUnsafeMutableBytes { bytes in
            RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
        }
        // Without entropy, identifiers and secrets would repeat: nothing that runs on is right.
        precondition(result == 1, "OpenSSL has no randomness: \(OpenSSL.failure("RAND_bytes"))")
        block.used = 0
    }
}

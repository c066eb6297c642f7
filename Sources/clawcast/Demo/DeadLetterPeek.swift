import AMQP
import Distribution

/// Looks at the dead letters in a queue and leaves them there.
struct DeadLetterPeek: Sendable {
    let queue: String

    /// Reads until there are as many as expected; they come after the events that tell of them.
    func letters(atLeast count: Int, over connection: Connection) async throws -> [Delivery] {
        for _ in 0..<50 {
            let letters = try await connection.withChannel { channel in
                var letters: [Delivery] = []
                // Closing the channel gives back what was fetched and not acked.
                while let letter = try await channel.get(queue: queue) { letters.append(letter) }
                return letters
            }
            if letters.count >= count { return letters }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw CommandFailure("Fewer than \(count) dead letters came to \(queue).")
    }
}

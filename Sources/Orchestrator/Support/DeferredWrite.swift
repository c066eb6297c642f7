import Distribution
import Logging
import Synchronization

/// Writes that can wait a moment: collected, they share a commit and keep out of the way of those that a delivery waits
/// for.
///
/// For notes whose loss costs a repetition and nothing else, such as that the broker has confirmed a message.
final class DeferredWrite<Note: Sendable>: Sendable {
    private let ports: Ports
    private let gate: LedgerGate
    private let delayMilliseconds: Int64
    private let write: @Sendable ([Note]) async throws(LedgerError) -> Void
    private let waiting = Mutex<[Note]>([])
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - delayMilliseconds: How long a note waits for company at most; 0 writes each at once.
    ///   - write: Notes in the order in which they were made, never none.
    init(
        ports: Ports, gate: LedgerGate, delayMilliseconds: Int64,
        write: @escaping @Sendable ([Note]) async throws(LedgerError) -> Void
    ) {
        self.ports = ports
        self.gate = gate
        self.delayMilliseconds = delayMilliseconds
        self.write = write
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Leaves notes to be written; returns after the commit only where there is no delay.
    ///
    /// - Throws: As ``LedgerGate/persist(_:)``, only where there is no delay.
    func note(_ notes: [Note]) async throws {
        guard !notes.isEmpty else { return }
        let isFirst = waiting.withLock { waiting in
            defer { waiting += notes }
            return waiting.isEmpty
        }
        if delayMilliseconds == 0 { return try await flush() }
        if isFirst { signal.yield() }
    }

    /// Writes what waits.
    ///
    /// - Throws: As ``LedgerGate/persist(_:)``.
    func flush() async throws {
        let notes = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !notes.isEmpty else { return }
        try await gate.persist { () throws(LedgerError) in try await write(notes) }
    }

    /// Writes until cancelled.
    func run() async {
        for await _ in signals {
            do {
                try await ports.time.sleep(until: ports.time.now().adding(milliseconds: delayMilliseconds))
                try await flush()
            } catch {
                guard !(error is CancellationError) else { return }
                ports.logger.error("Confirms could not be noted.", metadata: ["error": "\(error)"])
            }
        }
    }
}

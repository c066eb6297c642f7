import Distribution
import Logging

/// Holds work back while the ledger cannot keep it.
///
/// What must be written is tried until it is: the message behind it stays unsettled meanwhile, so the prefetch stops
/// consumption by itself and nothing is given back in a loop. `/ready` tells through ``ServiceHealth``.
struct LedgerGate: Sendable {
    let ports: Ports
    let health: ServiceHealth

    /// Runs a write until the ledger takes it.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while waiting; a ``LedgerError`` of kind `invalid`,
    ///   which no waiting can mend.
    func persist<Value: Sendable>(_ write: @Sendable () async throws(LedgerError) -> Value) async throws -> Value {
        var backoff = Backoff()
        while true {
            do {
                let value = try await write()
                health.ledgerAnswered()
                return value
            } catch {
                guard error.kind == .unavailable else { throw error }
                health.ledgerFailed(error.message)
                ports.logger.error("The ledger cannot write; trying again.", metadata: ["error": "\(error)"])
                try await backoff.wait(ports.time, ports.randomness)
            }
        }
    }
}

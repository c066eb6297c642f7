package import Distribution
import Logging

/// Everything that a caller may ask for, whichever protocol it speaks: decode, call this, encode.
///
/// Every call is made for one domain, and another domain's ids do not exist for it. All throw a ``Refusal``; nothing is
/// changed where one is thrown.
package struct DistributionUseCases: Sendable {
    let ports: Ports
    let adapters: AdapterRegistry
    let settings: OrchestratorSettings
    let directory: TargetDirectory
    let queues: QueueKeeper
    let releaser: Releaser
    let runner: DeadLetterRunner
    let preparation: PlanPreparation
    let submission: PlanSubmission
    let gate: LedgerGate
    package let health: ServiceHealth

    /// The time by the service's clock, for what is shown relative to it.
    package func now() -> Timestamp { ports.time.now() }

    /// Asks the ledger, and tells callers in their own words when it cannot answer.
    func ask<Value: Sendable>(
        _ question: @Sendable (any Ledger) async throws(LedgerError) -> Value
    ) async throws(Refusal) -> Value {
        try await told { () throws(LedgerError) in
            try await gate.noticing { () throws(LedgerError) in try await question(ports.ledger) }
        }
    }

    /// Has the ledger write, which a ledger in trouble is not asked for; otherwise as ``ask(_:)``.
    func change<Value: Sendable>(
        _ write: @Sendable (any Ledger) async throws(LedgerError) -> Value
    ) async throws(Refusal) -> Value {
        try await told { () throws(LedgerError) in
            try await gate.persistNow { () throws(LedgerError) in try await write(ports.ledger) }
        }
    }

    /// Has the ledger write what makes room in it, or asks for that; otherwise as ``change(_:)``.
    func relieve<Value: Sendable>(
        _ write: @Sendable (any Ledger) async throws(LedgerError) -> Value
    ) async throws(Refusal) -> Value {
        try await told { () throws(LedgerError) in
            try await gate.relieveNow { () throws(LedgerError) in try await write(ports.ledger) }
        }
    }

    private func told<Value: Sendable>(
        _ call: @Sendable () async throws(LedgerError) -> Value
    ) async throws(Refusal) -> Value {
        do throws(LedgerError) {
            return try await call()
        } catch {
            // A ledger in trouble is told of once, by the gate.
            if error.kind == .invalid {
                ports.logger.error("The ledger could not answer.", metadata: ["error": "\(error)"])
            }
            throw .ledgerUnavailable(error)
        }
    }
}

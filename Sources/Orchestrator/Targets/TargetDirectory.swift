package import Distribution
import Synchronization

/// Every target in memory, with its governor and what its adapter prepared: planning and delivering never query for one.
///
/// The ledger is written first and the directory follows; a plan that meets a stale entry is caught by the ledger
/// (``PlanAcceptance/targetsGone(_:)``).
package final class TargetDirectory: Sendable {
    /// A target with its endpoint, prepared on first use of each revision.
    struct Entry: Sendable {
        var target: Target
        var endpoint: Result<any DeliveryEndpoint, DeliveryError>?
        var governor: TargetGovernor
        var bodies: BodySizes

        init(_ target: Target, governor: TargetGovernor?, bodies: BodySizes?) {
            self.target = target
            self.bodies = bodies ?? BodySizes()
            self.governor = governor ?? TargetGovernor(failingSince: target.failingSince, circuit: target.circuit)
        }
    }

    private struct State {
        var entries: [TargetID: Entry] = [:]
        var byDomain: [DomainID: Set<TargetID>] = [:]
        /// Deleted while this process lives, the latest: a change of one that was written before may be told of later.
        var removed: Set<TargetID> = []
        /// The same in the order of their deletion.
        var removals = FIFO<TargetID>()

        mutating func noteRemoval(of id: TargetID) {
            guard removed.insert(id).inserted else { return }
            removals.append(id)
            guard removed.count > TargetDirectory.removalLimit, let oldest = removals.popFirst() else { return }
            removed.remove(oldest)
        }
    }

    /// Deletions that are remembered; what was written before one is told of long before so many others.
    static let removalLimit = 4_096

    private let adapters: AdapterRegistry
    private let state = Mutex(State())
    private let suspension = Atomic(false)

    package init(adapters: AdapterRegistry) {
        self.adapters = adapters
    }

    /// Takes a target in, or its newer revision; an older one is ignored, and so is one that was removed.
    package func put(_ target: Target) {
        state.withLock { state in
            guard !state.removed.contains(target.id) else { return }
            let known = state.entries[target.id]
            if let known, known.target.revision > target.revision { return }
            state.entries[target.id] = Entry(target, governor: known?.governor, bodies: known?.bodies)
            state.byDomain[target.domainID, default: []].insert(target.id)
        }
    }

    package func remove(_ id: TargetID) {
        state.withLock { state in
            state.noteRemoval(of: id)
            guard let entry = state.entries.removeValue(forKey: id) else { return }
            state.byDomain[entry.target.domainID]?.remove(id)
        }
    }

    package func target(_ id: TargetID) -> Target? {
        state.withLock { $0.entries[id]?.target }
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// All targets by ascending id.
    package func all() -> [Target] {
        state.withLock { $0.entries.values.map(\.target) }.sorted { $0.id < $1.id }
    }

    /// The targets of a domain by ascending id.
    package func targets(of domain: DomainID) -> [Target] {
        state.withLock { state in
            (state.byDomain[domain] ?? []).compactMap { state.entries[$0]?.target }
        }.sorted { $0.id < $1.id }
    }

    /// A target and what its adapter made of its present revision.
    func prepared(_ id: TargetID) -> (target: Target, endpoint: Result<any DeliveryEndpoint, DeliveryError>)? {
        guard let entry = state.withLock({ $0.entries[id] }) else { return nil }
        if let endpoint = entry.endpoint { return (entry.target, endpoint) }
        let endpoint = prepare(entry.target)
        state.withLock { state in
            guard state.entries[id]?.target.revision == entry.target.revision else { return }
            state.entries[id]?.endpoint = endpoint
        }
        return (entry.target, endpoint)
    }

    /// Whether no queue is to be consumed, whatever the governors say.
    var isSuspended: Bool { suspension.load(ordering: .acquiring) }

    /// Holds every target back, or lets them go; the keeper of their queues is to be told.
    func suspend(_ isSuspended: Bool) {
        suspension.store(isSuspended, ordering: .releasing)
    }

    @discardableResult
    func withEntry<Value: Sendable>(_ id: TargetID, _ body: (inout Entry) -> Value) -> Value? {
        state.withLock { state in
            guard let place = state.entries.index(forKey: id) else { return nil }
            return body(&state.entries.values[place])
        }
    }

    func withEntries<Value: Sendable>(_ body: ([TargetID: Entry]) -> Value) -> Value {
        state.withLock { body($0.entries) }
    }

    func withMutableEntries<Value: Sendable>(_ body: (inout [TargetID: Entry]) -> Value) -> Value {
        state.withLock { body(&$0.entries) }
    }

    private func prepare(_ target: Target) -> Result<any DeliveryEndpoint, DeliveryError> {
        guard let adapter = adapters[target.channelType] else {
            let message = "No adapter for channel \(target.channelType) is installed."
            return .failure(DeliveryError(code: .notSupported, message: message, certainty: .unsent))
        }
        return Result { () throws(DeliveryError) in try adapter.endpoint(for: target) }
    }
}

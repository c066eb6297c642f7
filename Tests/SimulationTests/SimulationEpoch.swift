import Distribution
import DistributionTesting
import Logging

@testable import Orchestrator

/// One process of a simulated world: the production composition of the orchestrator on its own connections to what
/// outlives it.
final class SimulationEpoch: Sendable {
    enum End: Sendable, Hashable {
        case crash(SimulatedDisk.Ending)
        /// The service has come to its end in good order.
        case stopped
        case failed(String)
    }

    private let world: SimulationWorld
    private let ledger: SimulatedLedger
    private let broker: SimulatedBroker
    private let service: OrchestratorService
    private let calls: AsyncStream<ClientCall>
    private let call: AsyncStream<ClientCall>.Continuation
    private let ends: AsyncStream<End>
    private let end: AsyncStream<End>.Continuation
    private let stops: AsyncStream<Void>
    private let stopping: AsyncStream<Void>.Continuation

    init(world: SimulationWorld) {
        self.world = world
        ledger = SimulatedLedger(
            disk: world.disk, weather: world.weather, time: world.time, chance: world.chance, trace: world.trace,
            flaw: world.options.flaw)
        broker = SimulatedBroker(node: world.node, time: world.time)
        service = OrchestratorService(
            ports: Ports(
                ledger: ledger, broker: broker, time: world.time, randomness: world.randomness, logger: world.logger,
                crashPoints: SimulationCrashes(world: world)),
            adapters: AdapterRegistry([SimulatedAdapter(receiver: world.receiver)]), settings: world.settings)
        (calls, call) = AsyncStream.makeStream(of: ClientCall.self)
        (ends, end) = AsyncStream.makeStream(of: End.self)
        (stops, stopping) = AsyncStream.makeStream(of: Void.self)
    }

    /// Lives until the process ends, however that comes; nothing of it runs any more when this returns.
    func run() async -> End {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.ledger.run() }
            group.addTask { await self.serveClients() }
            group.addTask { self.end.yield(await self.serve()) }
            var reason = End.failed("nobody said why")
            for await end in ends {
                reason = end
                break
            }
            if case .stopped = reason {
                // What was settled last is on its way.
                await world.time.pause(50)
                world.checkSettled()
            }
            ledger.die()
            broker.die()
            group.cancelAll()
            return reason
        }
    }

    /// Ends the process at once.
    func crash(_ ending: SimulatedDisk.Ending) {
        ledger.die()
        broker.die()
        end.yield(.crash(ending))
    }

    /// Asks the process to end in good order.
    func stop() {
        stopping.yield()
    }

    func make(_ call: ClientCall) {
        self.call.yield(call)
    }

    private func serve() async -> End {
        do {
            try await service.run { for await _ in self.stops { break } }
            return .stopped
        } catch {
            return .failed("\(error)")
        }
    }

    private func serveClients() async {
        await withDiscardingTaskGroup { group in
            for await call in calls { group.addTask { await self.make(call) } }
        }
    }

    private func make(_ call: ClientCall) async {
        while !Task.isCancelled {
            do throws(Refusal) {
                world.answered(call, try await call.make(service.useCases))
                return
            } catch {
                guard error.code == .ledgerUnavailable else { return world.answered(call, nil) }
                await world.time.pause(200)
            }
        }
        world.unanswered(call)
    }
}

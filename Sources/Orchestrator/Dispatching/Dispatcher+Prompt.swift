import Distribution
import Synchronization

/// Attempts that start without waiting for their message.
///
/// A new job whose target has nothing to do would only wait for the broker to hand it back: its slot is taken before the
/// plan is accepted, the attempt is opened in that very transaction, and starts after its commit. A target with any work
/// in hand is left to its queue, so that nothing overtakes what waits there.
extension Dispatcher {
    /// Takes a slot for a job of each of these targets that is consumed, idle, and let go by its governor.
    ///
    /// - Parameter targets: Without repetition; earlier ones first where slots are short.
    /// - Returns: The targets whose slots are held, until ``start(_:)`` or ``cancelReservations(of:)``.
    func reserve(_ targets: [TargetID]) -> Set<TargetID> {
        guard settings.startsPromptly else { return [] }
        let now = ports.time.now()
        return state.withLock { state in
            guard !state.isStopping else { return [] }
            var reserved: Set<TargetID> = []
            // The cheapest question first: under load most targets have work.
            for target in targets where state.slots.isRoomForIdle(target) {
                guard queues.consumedQueue(of: target) != nil, case .start = directory.admit(target, at: now)
                else { continue }
                state.slots.reserve(target)
                reserved.insert(target)
            }
            return reserved
        }
    }

    /// Gives back slots whose jobs were not accepted, or not started.
    func cancelReservations(of targets: Set<TargetID>) {
        guard !targets.isEmpty else { return }
        let now = ports.time.now()
        for target in targets.sorted() {
            directory.finish(target, at: now)
            state.withLock { $0.slots.finish(target) }
        }
        input.yield(.slotsFree)
    }

    /// Starts attempts whose slots were reserved, or gives them back where the dispatcher has stopped meanwhile.
    func start(_ attempts: [PromptAttempt]) async {
        guard !attempts.isEmpty else { return }
        let isTooLate = state.withLock { state in
            guard !state.isStopping else { return true }
            for attempt in attempts {
                state.held[attempt.grant.claim.jobID] = []
                // Inside the lock: where the last input is read, none of these comes after it.
                input.yield(.prompt(attempt))
            }
            return false
        }
        guard isTooLate else { return }
        for late in attempts {
            await attempt.giveBack(late)
            _ = finish(late.grant.claim.targetID, nil)
        }
    }

    /// Makes an attempt that is open already.
    func work(on prompt: PromptAttempt) async {
        let claim = prompt.grant.claim
        await attempt.run(prompt)
        await work(from: finish(claim.targetID, claim.jobID))
    }
}

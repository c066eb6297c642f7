package import Distribution

extension SimulatedNode {
    /// Cuts connections for a while: what is in hand goes back, and what is under way is in doubt.
    package func disconnect(_ sides: [Side], forMilliseconds duration: Int64) {
        note("\(sides) cut for \(duration) ms")
        changeHealth { state in
            for side in sides {
                state.down.insert(side)
                state.lines[side, default: 0] += 1
            }
            state.isBlocked = false
            if sides.contains(.consuming) { state.putAllBack { _ in true } }
        }
        executor.schedule(after: duration) { self.reconnect(sides) }
    }

    private func reconnect(_ sides: [Side]) {
        note("\(sides) back")
        changeHealth { state in
            for side in sides where state.down.remove(side) != nil { state.generation += 1 }
        }
        pumpSoon()
    }

    /// Holds publishers back for a while, as at a memory alarm.
    package func block(forMilliseconds duration: Int64) {
        note("blocked for \(duration) ms")
        changeHealth { $0.isBlocked = true }
        executor.schedule(after: duration) {
            self.changeHealth { $0.isBlocked = false }
        }
    }

    /// Closes the channel that some queues are consumed on: what of theirs is in hand goes back and comes again.
    package func closeChannel() {
        note("a channel is closed")
        let parity = chance.below(2)
        withState { state in
            let meant = Set(state.queues.keys.sorted().enumerated().filter { $0.offset % 2 == parity }.map(\.element))
            state.putAllBack { meant.contains($0) }
        }
        pumpSoon()
    }

    /// Loses what waits in a target's queue.
    ///
    /// - Parameter isNoticed: Whether the client notices, as it does of a queue that has lost its leader; nobody notices
    ///   what an operator purges, or deletes and declares anew in a moment, whose consumer gets nothing from then on.
    package func lose(_ target: Target, isNoticed: Bool) {
        note("the queue of target \(target.id) is lost")
        let queue = TargetQueue(targetID: target.id, channelType: target.channelType, type: target.queueType)
        let isReplaced = !isNoticed && chance.happens(perMille: 500)
        withState { state in
            if isReplaced, state.consumers[Self.name(queue)] != nil { state.deaf.insert(Self.name(queue)) }
            if isNoticed { state.session?.announceRenewal(of: queue) }
            state.queues[Self.name(queue)]?.ready = []
            if isNoticed { state.session?.announceRenewal(of: queue) }
        }
    }

    /// Ends the consumer of a target's queue, which the broker then refuses to give back at once.
    package func refuse(_ target: Target) {
        note("the consumer of target \(target.id) is refused")
        let queue = TargetQueue(targetID: target.id, channelType: target.channelType, type: target.queueType)
        withState { state in
            guard state.consumers.removeValue(forKey: Self.name(queue)) != nil else { return }
            state.putAllBack { $0 == Self.name(queue) }
            state.session?.announceRefusal(of: queue)
        }
    }

    private func changeHealth(_ change: (inout State) -> Void) {
        withState { state in
            let before = state.health
            change(&state)
            if state.health != before { state.session?.tell(state.health) }
        }
    }
}

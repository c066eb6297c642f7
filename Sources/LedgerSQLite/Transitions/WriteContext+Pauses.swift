import Distribution

extension WriteContext {
    /// Ends a pause whose time is over, and tells of it.
    ///
    /// - Returns: The target as it stands since; nil where it is not paused, or paused for longer.
    func endPause(of id: TargetID, at time: Timestamp) throws -> Target? {
        guard let paused = try target(id)?.target, let pause = paused.pause, !pause.holds(at: time) else { return nil }
        var update = try query(
            """
            UPDATE distribution_targets SET pausedUntil = NULL, pauseReason = NULL, revision = revision + 1,
                updatedAt = ?
            WHERE id = ? AND deletedAt IS NULL
            """)
        update.bind(time)
        update.bind(id)
        try runOnce(update)
        let resumed = try existing(id)
        try owe(at: time) { $0.target(.resumed, $1, resumed, reason: pause.reason) }
        return resumed
    }

    /// Writes down how a target's circuit stands. Its revision stays: nothing has to be prepared anew.
    func note(_ circuit: CircuitNote, of id: TargetID) throws {
        var update = try query(
            """
            UPDATE distribution_targets SET circuitOpenedAt = ?, circuitProbeAt = ?, circuitPauseMs = ?
            WHERE id = ? AND deletedAt IS NULL
            """)
        update.bind(circuit.record?.openedAt)
        update.bind(circuit.record?.probeAt)
        update.bind(circuit.record?.pause)
        update.bind(id)
        try update.run()
    }
}

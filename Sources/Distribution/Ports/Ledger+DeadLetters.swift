/// How many dead letters a run would look at, and how many of them it could handle.
package struct DeadLetterCount: Sendable, Hashable {
    package var handled: Int
    package var skipped: Int

    package init(handled: Int, skipped: Int) {
        self.handled = handled
        self.skipped = skipped
    }
}

/// What became of a request for a run.
package enum DeadLetterRunAcceptance: Sendable, Hashable {
    case created(DeadLetterRun)
    /// The key was used before for the same request; nothing was written.
    case repeated(DeadLetterRun)
    /// The key was used before for another request; nothing was written.
    case keyReused(DeadLetterRunID)
}

/// What one step of a run has done.
package struct DeadLetterRunStep: Sendable, Hashable {
    /// The run as it stands after the step.
    package let run: DeadLetterRun
    /// Letters that this step has handled.
    package let handled: Int

    package init(run: DeadLetterRun, handled: Int) {
        self.run = run
        self.handled = handled
    }
}

/// What one step of retention did.
package struct RetentionStep: Sendable, Hashable {
    /// Rows that were removed, or that let go of their bytes.
    package var rows: Int
    /// Whether nothing of the kind is left that is old enough.
    package var isLast: Bool
    /// Milliseconds for which the step kept the writer to itself, its commit included.
    package var heldMilliseconds: Int64

    package init(rows: Int, isLast: Bool, heldMilliseconds: Int64 = 0) {
        self.rows = rows
        self.isLast = isLast
        self.heldMilliseconds = heldMilliseconds
    }
}

/// The jobs of a plan that is being removed: its row is gone, these are not yet.
package struct PlanRemoval: Sendable, Hashable {
    package let planID: PlanID
    /// Those before it are gone.
    package let firstJobID: JobID
    package let lastJobID: JobID

    package init(planID: PlanID, firstJobID: JobID, lastJobID: JobID) {
        self.planID = planID
        self.firstJobID = firstJobID
        self.lastJobID = lastJobID
    }

    package func covers(_ job: JobID, of plan: PlanID) -> Bool {
        plan == planID && firstJobID <= job && job <= lastJobID
    }
}

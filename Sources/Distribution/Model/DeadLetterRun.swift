/// Work on many dead letters that somebody asked for: a row of the ledger, carried out in small steps.
///
/// It takes the letters that were dead when it was asked for, by ascending id of their jobs, each once: what fails again
/// meanwhile has died later and is left alone.
package struct DeadLetterRun: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Hands their jobs out anew.
        case replay
        /// Takes them out of the list for good, with the bytes that nothing else needs.
        case purge
    }

    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// Letters are left. Next: `done`, `cancelled`.
        case running
        /// Every letter has been looked at. Final.
        case done
        /// Called off: what it had done stays done. Final.
        case cancelled
    }

    package let id: DeadLetterRunID
    package let domainID: DomainID
    package let kind: Kind
    /// As it was asked for.
    package let selection: DeadLetterSelection
    package let idempotencyKey: String?
    /// Letters handled a second, at most.
    package let ratePerSecond: Int
    /// Letters looked at, at most; nil for all.
    package let limit: Int?
    /// How many were to be looked at when it began.
    package let total: Int
    package var status: Status
    /// Letters that were replayed or purged.
    package var handled: Int
    /// Letters that could not be: their target is deleted, their plan called off, or their bytes are gone. Jobs that
    /// were named and are no dead letters count here, too.
    package var skipped: Int
    /// Every letter up to this one has been looked at.
    package var position: JobID
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var endedAt: Timestamp?

    package init(
        id: DeadLetterRunID, domainID: DomainID, kind: Kind, selection: DeadLetterSelection, idempotencyKey: String?,
        ratePerSecond: Int, limit: Int?, total: Int, status: Status = .running, handled: Int = 0, skipped: Int = 0,
        position: JobID = JobID(0), createdAt: Timestamp, updatedAt: Timestamp, endedAt: Timestamp? = nil
    ) {
        self.id = id
        self.domainID = domainID
        self.kind = kind
        self.selection = selection
        self.idempotencyKey = idempotencyKey
        self.ratePerSecond = ratePerSecond
        self.limit = limit
        self.total = total
        self.status = status
        self.handled = handled
        self.skipped = skipped
        self.position = position
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.endedAt = endedAt
    }

    package static let standardRate = 100
    package static let rates = 1...10_000

    /// What it takes: of the letters that were asked for, those that had died by then.
    package var taken: DeadLetterSelection {
        let end = createdAt.adding(milliseconds: 1)
        var taken = selection
        taken.diedBefore = min(selection.diedBefore ?? end, end)
        return taken
    }

    /// How many letters it may still look at.
    package var rest: Int { limit.map { max(0, $0 - handled - skipped) } ?? .max }

    /// Notes what a step has done.
    ///
    /// - Parameters:
    ///   - looked: Letters that it looked at.
    ///   - last: The last of them; nil where there is none left behind them.
    package mutating func advance(looked: Int, handled: Int, last: JobID?, at now: Timestamp) {
        self.handled += handled
        skipped += looked - handled
        updatedAt = now
        if let last { position = last }
        if last == nil || rest == 0 { end(as: .done, at: now) }
    }

    package mutating func end(as status: Status, at now: Timestamp) {
        self.status = status
        updatedAt = now
        endedAt = now
    }
}

/// A run that is asked for.
package struct NewDeadLetterRun: Sendable, Hashable {
    package let domainID: DomainID
    package let kind: DeadLetterRun.Kind
    package let selection: DeadLetterSelection
    package let idempotencyKey: String?
    package let ratePerSecond: Int
    package let limit: Int?

    package init(
        domainID: DomainID, kind: DeadLetterRun.Kind, selection: DeadLetterSelection, idempotencyKey: String? = nil,
        ratePerSecond: Int = DeadLetterRun.standardRate, limit: Int? = nil
    ) {
        self.domainID = domainID
        self.kind = kind
        self.selection = selection
        self.idempotencyKey = idempotencyKey
        self.ratePerSecond = ratePerSecond
        self.limit = limit
    }

    /// Whether a run was asked for with the very same words.
    package func isRepeated(by run: DeadLetterRun) -> Bool {
        kind == run.kind && selection == run.selection && ratePerSecond == run.ratePerSecond && limit == run.limit
    }
}

package typealias DeadLetterRunID = Identifier<DeadLetterRun>

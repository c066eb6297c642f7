/// A range of receipts, as one state of the ledger has them.
package struct ReceiptAuditPage: Sendable, Hashable {
    package let count: Int
    /// Receipts that are not the receipt of the job that they name.
    package let strays: [ReceiptID]
    /// nil after the last page.
    package let next: ReceiptID?

    package init(count: Int, strays: [ReceiptID], next: ReceiptID?) {
        self.count = count
        self.strays = strays
        self.next = next
    }
}

/// A range of owed events, as one state of the ledger has them.
package struct EventAuditPage: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let place: Int64
        /// nil for events that belong to no plan.
        package let planID: PlanID?
        package let sequence: Int64?
        /// The sequence of the plan's newest event; nil where there is no such plan.
        package let newest: Int64?

        package init(place: Int64, planID: PlanID?, sequence: Int64?, newest: Int64?) {
            self.place = place
            self.planID = planID
            self.sequence = sequence
            self.newest = newest
        }
    }

    package let entries: [Entry]
    /// The lowest place that is owed: what was before it has been confirmed.
    package let firstPlace: Int64?
    /// nil after the last page.
    package let next: Int64?

    package init(entries: [Entry], firstPlace: Int64?, next: Int64?) {
        self.entries = entries
        self.firstPlace = firstPlace
        self.next = next
    }
}

/// A range of payloads whose bytes have been hashed.
package struct PayloadAuditPage: Sendable, Hashable {
    package let count: Int
    /// Those whose bytes have another digest.
    package let damaged: [Int64]
    /// nil after the last page.
    package let next: Int64?

    package init(count: Int, damaged: [Int64], next: Int64?) {
        self.count = count
        self.damaged = damaged
        self.next = next
    }
}

/// How deep an audit goes.
package enum AuditDepth: Sendable, Hashable {
    /// Every row, no bytes.
    case rows
    /// Every row, and the bytes of the newest payloads.
    case sampled
    /// Every row, the bytes of every payload, and the file itself.
    case full
}

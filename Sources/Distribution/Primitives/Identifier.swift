/// A row's number in the ledger, typed by what it identifies; never reused.
package struct Identifier<Entity>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    // Written out and inlinable: what is synthesized stays generic outside of this module, and looks up metadata for
    // every id that a dictionary is asked for.

    @inlinable
    package static func == (lhs: Self, rhs: Self) -> Bool { lhs.rawValue == rhs.rawValue }

    @inlinable
    package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// A tenant of WordClaw; every target, plan and key belongs to one.
package enum Domain {}

package typealias DomainID = Identifier<Domain>
package typealias TargetID = Identifier<Target>
package typealias PlanID = Identifier<Plan>
package typealias JobID = Identifier<Job>
package typealias AttemptID = Identifier<Attempt>
package typealias ReceiptID = Identifier<Receipt>

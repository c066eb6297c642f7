/// A row's number in the ledger, typed by what it identifies; never reused.
package struct Identifier<Entity>: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A tenant of WordClaw; every target, plan and key belongs to one.
package enum Domain {}

package typealias DomainID = Identifier<Domain>
package typealias TargetID = Identifier<Target>
package typealias PlanID = Identifier<Plan>
package typealias JobID = Identifier<Job>
package typealias AttemptID = Identifier<Attempt>
package typealias ReceiptID = Identifier<Receipt>

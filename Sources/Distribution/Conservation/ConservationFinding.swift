/// One problem, how often it was found, and where.
package struct ConservationFinding: Sendable, Hashable {
    /// As many subjects are named at most.
    package static let subjectLimit = 10

    package let problem: ConservationProblem
    package internal(set) var count: Int
    /// The first of them, in words: `plan 7`, `job 31`, `target 12: 3 of 5`.
    package internal(set) var subjects: [String]

    package init(_ problem: ConservationProblem, count: Int = 1, subjects: [String]) {
        self.problem = problem
        self.count = count
        self.subjects = Array(subjects.prefix(Self.subjectLimit))
    }
}

/// Findings by problem, in the order in which problems are listed.
package struct ConservationFindings: Sendable, Hashable {
    private var byProblem: [ConservationProblem: ConservationFinding] = [:]

    package init() {}

    /// - Parameter subject: Composed only where it is among those that are named.
    package mutating func add(_ problem: ConservationProblem, _ subject: @autoclosure () -> String) {
        var finding = byProblem[problem] ?? ConservationFinding(problem, count: 0, subjects: [])
        finding.count += 1
        if finding.subjects.count < ConservationFinding.subjectLimit { finding.subjects.append(subject()) }
        byProblem[problem] = finding
    }

    package mutating func add(_ others: ConservationFindings) {
        for finding in others.all {
            var mine = byProblem[finding.problem] ?? ConservationFinding(finding.problem, count: 0, subjects: [])
            mine.count += finding.count
            mine.subjects = Array((mine.subjects + finding.subjects).prefix(ConservationFinding.subjectLimit))
            byProblem[finding.problem] = mine
        }
    }

    package var all: [ConservationFinding] { ConservationProblem.allCases.compactMap { byProblem[$0] } }
    package var violations: [ConservationFinding] { all.filter { $0.problem.severity == .violation } }
    package var warnings: [ConservationFinding] { all.filter { $0.problem.severity == .warning } }

    package subscript(problem: ConservationProblem) -> ConservationFinding? { byProblem[problem] }
}

/// Whether the sequence of each plan is gapless over the events that are still owed.
///
/// Events leave at the front only, so what remains of a plan is always its newest ones, one after the other.
struct EventSequences: Sendable {
    private struct Course {
        var last: Int64
        /// Events up to this one are owed, or were when it was last looked at.
        var newest: Int64
    }

    private var courses: [PlanID: Course] = [:]
    private var place: Int64 = 0

    init() {}

    /// - Returns: Plans with a gap, in the order in which they are found.
    mutating func take(_ page: EventAuditPage) -> [PlanID] {
        // What was to come next has been confirmed and is gone: nothing follows what was seen before.
        if let first = page.firstPlace, first > place { courses = [:] }
        var broken: [PlanID] = []
        for entry in page.entries {
            place = max(place, entry.place)
            guard let sequence = entry.sequence else { continue }
            let id = entry.planID ?? PlanID(0)
            guard let newest = entry.newest, sequence <= newest, sequence > 0 else {
                broken.append(id)
                continue
            }
            if let course = courses[id], sequence != course.last + 1 { broken.append(id) }
            courses[id] = Course(last: sequence, newest: newest)
        }
        guard page.next == nil else { return broken }
        if page.entries.isEmpty, page.firstPlace == nil { return broken }
        return broken + courses.filter { $0.value.last < $0.value.newest }.keys.sorted()
    }
}

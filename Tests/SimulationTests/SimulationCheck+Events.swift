import Distribution
import DistributionTesting
import Glibc

extension SimulationCheck {
    /// A pause is told of when it begins, and once when it ends, whatever it ends by.
    func checkPauseEvents() {
        guard world.disk.losses == 0 else { return }
        var paused: Set<Int64> = []
        let published = Dictionary(record.events.map { ($0.id, $0) }) { first, _ in first }
        // In the order of their commits; those that were never published are complained of elsewhere.
        for event in world.disk.events.compactMap({ published[$0.id] })
        where event.routingKey.hasSuffix(".target.paused") || event.routingKey.hasSuffix(".target.resumed") {
            guard let target = event.body.number(after: "\"subject\":\"targets/") else { continue }
            if event.routingKey.hasSuffix(".target.paused") {
                paused.insert(target)
            } else if paused.remove(target) == nil {
                violate("Target \(target) was told to be resumed, and was not told to be paused before.")
            }
        }
        for target in tables.liveTargets where paused.contains(target.id.rawValue) != (target.pause != nil) {
            violate("Target \(target.id) has the pause \(String(describing: target.pause)), and events say otherwise.")
        }
    }

    /// Every event that was owed has come at least once, and no plan's sequence has a gap.
    func checkEvents() {
        var arrived: Set<String> = []
        var sequences: [Int64: Set<Int64>] = [:]
        for event in record.events where arrived.insert(event.id).inserted {
            guard let plan = event.body.number(after: "\"subject\":\"plans/"),
                let sequence = event.body.number(after: "\"sequence\":\"")
            else { continue }
            if !sequences[plan, default: []].insert(sequence).inserted, world.disk.losses == 0 {
                violate("Two events of plan \(plan) have the sequence \(sequence).")
            }
        }
        let lost = world.disk.events.filter { !arrived.contains($0.id) }
        if !lost.isEmpty { violate("\(lost.count) events were never published, the first at place \(lost[0].place).") }
        for row in tables.plans where row.sequence > 0 {
            let missing = (1...row.sequence).filter { sequences[row.plan.id.rawValue]?.contains($0) != true }
            if !missing.isEmpty { violate("The sequence of plan \(row.plan.id) lacks \(missing).") }
        }
        if world.isCalm, record.events.map(\.id) != world.disk.events.map(\.id) {
            violate("Nothing went wrong, and events came twice or in another order.")
        }
    }
}

extension [UInt8] {
    /// The number that follows the first occurrence of some text.
    fileprivate func number(after text: StaticString) -> Int64? {
        guard let place = end(of: text) else { return nil }
        let digits = self[place...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Parsing every event of ten thousand worlds would take longer than the worlds do.
    private func end(of text: StaticString) -> Int? {
        withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            let length = text.utf8CodeUnitCount
            var place = 0
            while place + length <= bytes.count {
                let rest = bytes.count - length - place + 1
                guard let found = memchr(start + place, Int32(text.utf8Start.pointee), rest) else { return nil }
                place = start.distance(to: found)
                if memcmp(found, text.utf8Start, length) == 0 { return place + length }
                place += 1
            }
            return nil
        }
    }
}

import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Target directory")
struct TargetDirectoryTests {
    private let directory = TargetDirectory(adapters: AdapterRegistry([]))

    @Test func `an older revision does not replace a newer one`() {
        var newer = Sample.target()
        newer.name = "newer"
        newer.revision = 2
        directory.put(newer)
        directory.put(Sample.target())
        #expect(directory.target(newer.id)?.name == "newer")
    }

    @Test func `a change that was written before the deletion and told of after it does not bring a target back`() {
        let target = Sample.target()
        directory.put(target)
        directory.remove(target.id)
        var changed = target
        changed.revision = 2
        directory.put(changed)
        #expect(directory.target(target.id) == nil)
        #expect(directory.targets(of: target.domainID).isEmpty)
    }

    @Test func `deletions are remembered for long, and not for ever`() {
        let target = Sample.target()
        directory.put(target)
        directory.remove(target.id)
        for id in 1..<Int64(TargetDirectory.removalLimit) { directory.remove(TargetID(target.id.rawValue + id)) }
        // Told of twice, it counts once.
        directory.remove(TargetID(target.id.rawValue + 1))
        directory.put(target)
        #expect(directory.target(target.id) == nil)
        directory.remove(TargetID(target.id.rawValue + Int64(TargetDirectory.removalLimit)))
        directory.put(target)
        #expect(directory.target(target.id) != nil)
    }
}

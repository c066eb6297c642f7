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
}

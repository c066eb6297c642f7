import Testing

@testable import LocalBroker

@Suite(.timeLimit(.minutes(1))) struct LatchTests {
    @Test func `an opened latch lets earlier and later waiters go`() async {
        let latch = Latch()
        async let early: Void = latch.wait()
        latch.open()
        await early
        await latch.wait()
        #expect(latch.isOpen)
    }

    @Test func `a cancelled waiter goes, the latch stays closed`() async {
        let latch = Latch()
        let waiter = Task { await latch.wait() }
        waiter.cancel()
        await waiter.value
        #expect(!latch.isOpen)
    }
}

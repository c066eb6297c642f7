import Testing

@testable import Orchestrator

@Suite("Window of the relay")
struct RelayWindowTests {
    private var window = RelayWindow(eagerLimit: 4)

    @Test func `the next batch leaves once the one before it is on its way`() {
        var window = window
        #expect(window.isOpen)
        let first = window.leave(1, through: 1)
        #expect(!window.isOpen)
        window.wasSent(first)
        #expect(window.isOpen)
        #expect((window.left, window.confirmed) == (1, 0))
    }

    @Test func `with many under way the next batch waits for a confirm`() {
        var window = window
        let first = window.leave(2, through: 2)
        window.wasSent(first)
        let second = window.leave(2, through: 4)
        window.wasSent(second)
        #expect(!window.isOpen)
        let hasMoved = window.end(first, isConfirmed: true)
        #expect(hasMoved)
        #expect(window.isOpen)
        #expect(window.confirmed == 2)
    }

    @Test func `confirms count in the order of the events`() {
        var window = window
        let first = window.leave(1, through: 1)
        window.wasSent(first)
        let second = window.leave(1, through: 2)
        let isEarly = window.end(second, isConfirmed: true)
        #expect(!isEarly)
        #expect(window.confirmed == 0)
        let hasMoved = window.end(first, isConfirmed: true)
        #expect(hasMoved)
        #expect(window.confirmed == 2)
        #expect(!window.mustRewind)
    }

    @Test func `after a failure all that follows leaves again, once everything has ended`() {
        var window = window
        let numbers = (1...3).map { place in
            let number = window.leave(1, through: Int64(place))
            window.wasSent(number)
            return number
        }
        _ = window.end(numbers[1], isConfirmed: false)
        #expect(!window.isOpen)
        #expect(!window.mustRewind)
        _ = window.end(numbers[2], isConfirmed: true)
        #expect(!window.mustRewind)
        let hasMoved = window.end(numbers[0], isConfirmed: true)
        #expect(hasMoved)
        #expect(window.mustRewind)
        #expect(window.confirmed == 1)
        window.rewind()
        #expect(window.isOpen)
        #expect(window.left == 1)
        // What is told late of batches from before means nothing.
        window.wasSent(numbers[2])
        let isMoved = window.end(numbers[2], isConfirmed: true)
        #expect(!isMoved)
    }
}

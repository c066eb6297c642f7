import NIOCore

/// Runs tasks on an event loop, so that what a socket wakes goes on without another thread.
///
/// As a preference (SE-0417) it holds for every task below that is not isolated to an actor.
final class EventLoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        loop.execute { job.runSynchronously(on: executor) }
    }
}

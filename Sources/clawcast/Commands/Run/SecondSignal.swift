import Dispatch
import Glibc
import Synchronization

/// Ends the process at once when it is asked to stop a second time.
///
/// The first SIGTERM or SIGINT is the service group's; nothing that is owed depends on how the process ends.
final class SecondSignal: Sendable {
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    init() {
        let count = SignalCount()
        sources.withLock { sources in
            sources = [SIGTERM, SIGINT].map { number in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { if count.add() >= 2 { _exit(1) } }
                source.resume()
                return source
            }
        }
    }

    func cancel() {
        sources.withLock { sources in
            for source in sources { source.cancel() }
            sources = []
        }
    }
}

/// How many signals have come over all sources.
private final class SignalCount: Sendable {
    private let value = Atomic<Int>(0)

    func add() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}

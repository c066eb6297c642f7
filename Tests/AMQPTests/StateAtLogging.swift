import AMQP
import Logging
import Synchronization

/// Notes where a connection stands whenever it logs something.
final class StateAtLogging: Sendable {
    private struct State {
        weak var connection: Connection?
        var states: [ConnectionState] = []
    }

    private let state = Mutex(State())

    var states: [ConnectionState] { state.withLock { $0.states } }

    var logger: Logger {
        Logger(label: "observed") { _ in Handler(notes: self) }
    }

    func observe(_ connection: Connection) {
        state.withLock { $0.connection = connection }
    }

    private struct Handler: LogHandler {
        let notes: StateAtLogging
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            notes.state.withLock { state in
                guard let connection = state.connection else { return }
                state.states.append(connection.state)
            }
        }
    }
}

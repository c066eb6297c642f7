/// The steps from the greeting to an open connection (AMQP 0-9-1, section 2.2.4).
struct Handshake {
    /// What to do next, in this order: apply the limits, send the methods.
    struct Step {
        var limits: ConnectionLimits?
        var send: [OutgoingMethod] = []
        var isOpen = false
    }

    private enum State {
        /// The greeting is sent; `tune` or a refusal follows `start`.
        case awaitingStart
        /// The credentials are sent.
        case awaitingTune
        /// The limits and the virtual host are sent.
        case awaitingOpenOk
        case open
    }

    private let configuration: ConnectionConfiguration
    private var state = State.awaitingStart

    init(configuration: ConnectionConfiguration) {
        self.configuration = configuration
    }

    /// Takes the broker's next method.
    ///
    /// - Throws: `authenticationFailed` or `connectionClosed` when the broker refuses, `protocolViolation` when it is
    ///   not its turn to say this.
    mutating func receive(_ method: IncomingMethod) throws(AMQPError) -> Step {
        switch (state, method) {
        case (.awaitingStart, .start(let mechanisms)):
            guard mechanisms.split(separator: " ").contains("PLAIN") else {
                throw .authenticationFailed(text: "the broker offers no PLAIN login, only \(mechanisms)")
            }
            state = .awaitingTune
            let response = [0] + Array(configuration.username.utf8) + [0] + Array(configuration.password.utf8)
            return Step(send: [
                .startOk(clientProperties: clientProperties, mechanism: "PLAIN", response: response)
            ])
        case (.awaitingTune, .tune(let channelMax, let frameMax, let heartbeat)):
            state = .awaitingOpenOk
            let limits = ConnectionLimits(
                configuration: configuration, channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat)
            return Step(
                limits: limits,
                send: [
                    .tuneOk(
                        channelMax: limits.channelMax, frameMax: limits.frameMax, heartbeat: limits.heartbeatSeconds),
                    .open(virtualHost: configuration.virtualHost),
                ])
        case (.awaitingOpenOk, .openOk):
            state = .open
            return Step(isOpen: true)
        case (_, .close(let closure)) where closure.code == 403:
            throw .authenticationFailed(text: closure.text)
        case (_, .close(let closure)):
            throw .connectionClosed(code: closure.code, text: closure.text)
        case (_, .secure):
            throw .authenticationFailed(text: "the broker asks for more than user and password")
        default:
            throw .protocolViolation("an unexpected method while connecting")
        }
    }

    private var clientProperties: FieldTable {
        [
            "product": "clawcast",
            "connection_name": .string(configuration.connectionName),
            "capabilities": .table([
                "publisher_confirms": true,
                "exchange_exchange_bindings": true,
                "basic.nack": true,
                "consumer_cancel_notify": true,
                "connection.blocked": true,
                "authentication_failure_close": true,
            ]),
        ]
    }
}

/// Why a request got no answer: what failed, how far it had come, and whether the server may have it.
package struct EgressError: Error, Sendable, Hashable {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The address policy forbids every address of the host; no packet was sent to any of them.
        case refusedAddress
        /// The method, a header or the size cannot be sent as one HTTP/1.1 request.
        case invalidRequest
        /// The name has no address, or its servers do not answer.
        case dnsFailed
        case connectFailed
        /// The handshake failed, or the certificate is not to be trusted for this host.
        case tlsFailed
        /// The connect or total timeout passed in ``EgressError/phase``.
        case timedOut
        /// The server closed or reset the connection before its answer was complete.
        case connectionReset
        /// The answer is not HTTP/1.x, or its head is beyond the limits.
        case malformedResponse
        /// A limit of this client (connections, look-ups) is reached; nothing was tried.
        case tooBusy
        /// The calling task was cancelled; the connection is closed.
        case cancelled
        /// The client is shut down.
        case shutDown
    }

    /// How far the request had come.
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case resolve
        case connect
        case handshake
        case write
        case response
    }

    package enum RequestState: String, Sendable, Hashable {
        /// The whole request never left: the server cannot have acted on it.
        case unsent
        /// It was fully written at least once and no complete answer came: the server may have acted on it.
        case sent
    }

    package let code: Code
    package let phase: Phase
    package let requestState: RequestState
    /// A sentence for people; holds the origin at most, never a path, a query, a header or a body.
    package let detail: String

    package init(_ code: Code, phase: Phase, requestState: RequestState, detail: String) {
        self.code = code
        self.phase = phase
        self.requestState = requestState
        self.detail = detail
    }
}

extension EgressError: CustomStringConvertible {
    package var description: String {
        "\(code.rawValue) (\(phase.rawValue), \(requestState.rawValue)): \(detail)"
    }
}

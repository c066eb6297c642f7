internal import NIOCore

/// One request and the place where its answer is awaited; lives on one event loop.
final class Exchange {
    enum Stage {
        /// Followed by `connecting`, `assigned` or `finished`.
        case waiting
        /// A look-up or connect is under way. Followed by `assigned`, or `finished`.
        case connecting(ConnectAttempt)
        /// A connection carries it. Followed by `connecting` for the one retry, or `finished`.
        case assigned(Connection)
        /// The caller has its answer or error.
        case finished
    }

    let submission: Submission
    var stage = Stage.waiting
    /// Whether the whole request has ever been written, be it to a connection that is gone.
    var wasSent = false
    /// When look-up, connect and handshake must be over; a retry starts anew.
    private(set) var connectDeadline = NIODeadline.distantFuture
    /// Whether the one retry is used up.
    var hasRetried = false
    private var completion: Submission.Completion?

    init(_ submission: Submission, completion: Submission.Completion) {
        self.submission = submission
        self.completion = completion
    }

    var phase: EgressError.Phase {
        switch stage {
        case .waiting: .resolve
        case .connecting(let attempt): attempt.phase
        case .assigned(let connection): connection.phase
        case .finished: .response
        }
    }

    func beginConnecting(_ attempt: ConnectAttempt) {
        stage = .connecting(attempt)
        connectDeadline = min(submission.deadline, .now() + submission.connectTimeout)
    }

    func isOverdue(at now: NIODeadline) -> Bool {
        guard now < submission.deadline else { return true }
        guard now >= connectDeadline else { return false }
        switch phase {
        case .resolve, .connect, .handshake: return true
        case .write, .response: return false
        }
    }

    func error(_ code: EgressError.Code, _ detail: String) -> EgressError {
        EgressError(code, phase: phase, requestState: wasSent ? .sent : .unsent, detail: detail)
    }

    /// Answers the caller; the first answer counts.
    func finish(_ result: Result<OutboundResponse, EgressError>) {
        stage = .finished
        completion?.resume(returning: result)
        completion = nil
    }
}

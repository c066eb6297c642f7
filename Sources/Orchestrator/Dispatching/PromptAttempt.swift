import Distribution

/// An attempt that was opened in the transaction that accepted its plan, because its target had nothing else to do.
///
/// Its job is owed to the broker for as long as it is under way, and not published: a message would only wait for the
/// outcome. Where the attempt has to be made again the job is published then; where this process ends, its row says what
/// is to be done.
struct PromptAttempt: Sendable {
    let grant: AttemptGrant
    let job: OwedJob
}

/// What a job sends, wherever it was read from.
struct JobContent: Sendable {
    let contentType: String
    let body: [UInt8]
    let trace: TraceContext?

    init(_ message: IncomingJobMessage) {
        contentType = message.contentType
        body = message.body
        trace = message.trace
    }

    init(_ job: OwedJob) {
        contentType = job.contentType
        body = job.body
        trace = job.trace
    }
}

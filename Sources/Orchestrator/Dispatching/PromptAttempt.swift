import Distribution

/// An attempt that was opened in the transaction that accepted its plan, because its target had nothing else to do.
///
/// Nothing of its job is published meanwhile: a message would only wait for the outcome. Where the attempt has to be made
/// again the job is owed then; where this process ends, the next finds the attempt open.
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

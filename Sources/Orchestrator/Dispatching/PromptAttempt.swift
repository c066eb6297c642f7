import Distribution

/// An attempt that was opened in the transaction that accepted its plan, because its target had nothing else to do.
///
/// The job is published all the same: should this process end, its message is there, and a copy of a job in hand is
/// settled with the job's outcome as any other.
struct PromptAttempt: Sendable {
    let grant: AttemptGrant
    let content: JobContent
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

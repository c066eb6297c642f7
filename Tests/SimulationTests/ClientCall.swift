import Distribution

@testable import Orchestrator

/// Something that a client of the API asks for, and asks for again until it is answered.
enum ClientCall: Sendable {
    case createTarget(RetryPolicy, maxInFlight: Int)
    case submit(SentPlan)
    case cancelPlan(PlanID)
    case retryPlan(PlanID)
    case cancelJob(JobID)
    case retryJob(JobID)
    /// With a key, so that asking again is asking for the same run.
    case startRun(NewDeadLetterRun)
    case cancelRun(DeadLetterRunID)
    case enableTarget(TargetID)
    case renameTarget(TargetID)
    case deleteTarget(TargetID)
    case pauseTarget(TargetID, TargetPause)
    case resumeTarget(TargetID)

    /// What a client may rely on once it was answered.
    enum Promise: Sendable, Hashable {
        case planAccepted(String)
        case planCancelled(PlanID)
        case targetDeleted(TargetID)
        case runAccepted(DeadLetterRunID, key: String)
    }

    func make(_ useCases: DistributionUseCases) async throws(Refusal) -> Promise? {
        let domain = DomainID(1)
        switch self {
        case .createTarget(let retry, let maxInFlight):
            var input = TargetInput()
            input.name = "target"
            input.channelType = .webhook
            input.retry = retry
            input.maxInFlight = maxInFlight
            input.permanentStatusCodes = [400]
            _ = try await useCases.createTarget(input, domainID: domain)
        case .submit(let plan):
            let request = try PlanDecoder.decode(plan.body, messageID: nil, trace: nil)
            _ = try await useCases.submitPlan(request)
            return .planAccepted(plan.key)
        case .cancelPlan(let id):
            _ = try await useCases.cancelPlan(id, domainID: domain)
            return .planCancelled(id)
        case .retryPlan(let id): _ = try await useCases.retryPlan(id, domainID: domain)
        case .cancelJob(let id): _ = try await useCases.cancelJob(id, domainID: domain)
        case .retryJob(let id): _ = try await useCases.retryJob(id, domainID: domain)
        case .startRun(let new):
            let run = try await useCases.startRun(new).run
            return .runAccepted(run.id, key: new.idempotencyKey ?? "")
        case .cancelRun(let id): _ = try await useCases.cancelRun(id, .replay, domainID: domain)
        case .enableTarget(let id): _ = try await useCases.enableTarget(id, domainID: domain)
        case .renameTarget(let id):
            var input = TargetInput()
            input.name = "renamed"
            _ = try await useCases.updateTarget(id, input, domainID: domain)
        case .pauseTarget(let id, let pause): _ = try await useCases.pauseTarget(id, pause, domainID: domain)
        case .resumeTarget(let id): _ = try await useCases.resumeTarget(id, domainID: domain)
        case .deleteTarget(let id):
            _ = try await useCases.deleteTarget(id, domainID: domain)
            return .targetDeleted(id)
        }
        return nil
    }
}

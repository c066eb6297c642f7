import Distribution
import Logging

extension IncomingJobMessage {
    /// Which message it is, as far as that can be told, and why it goes into quarantine.
    func quarantineMetadata(_ error: DeliveryError) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["code": "\(error.code.rawValue)", "error": "\(error.message)"]
        if let queue { metadata["targetId"] = "\(queue.targetID)" }
        if case .success(let claim) = claim { metadata["jobId"] = "\(claim.jobID)" }
        return metadata
    }
}

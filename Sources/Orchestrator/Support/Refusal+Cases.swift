package import Distribution

extension Refusal {
    package static func targetNotFound(_ id: TargetID) -> Refusal {
        Refusal(
            .targetNotFound, "Target \(id) does not exist in this domain.",
            remediation: "Use the id of a target that GET /api/distribution/targets lists.",
            context: ["targetId": "\(id)"])
    }

    package static let noTargets = Refusal(
        .noTargets, "No active target is left to distribute to.",
        remediation: "Create or enable a target of the channels that were asked for, then send the plan again.")

    package static func channelNotInstalled(_ channel: ChannelType) -> Refusal {
        Refusal(
            .notSupported, "The channel \(channel) is not installed here.",
            remediation: "Use one of the channels that this version supports.", context: ["channelType": "\(channel)"])
    }

    package static func planNotFound(_ id: PlanID) -> Refusal {
        Refusal(
            .planNotFound, "Plan not found",
            remediation: "Use the id that GET /api/distribution/plans lists for this domain.",
            context: ["planId": "\(id)"])
    }

    package static func jobNotFound(_ id: JobID) -> Refusal {
        Refusal(
            .jobNotFound, "Job not found",
            remediation: "Use the id that GET /api/distribution/jobs lists for this domain.",
            context: ["jobId": "\(id)"])
    }

    package static func keyReused(_ key: String, by plan: PlanID) -> Refusal {
        Refusal(
            .idempotencyKeyReused, "This idempotency key was used for another plan.",
            remediation: "Send the same request again with this key, or another request with a new key.",
            context: ["idempotencyKey": key, "planId": "\(plan)"])
    }

    package static func ledgerUnavailable(_ error: LedgerError) -> Refusal {
        switch error.kind {
        case .unavailable:
            Refusal(
                .ledgerUnavailable, "\(error.message) Nothing was changed.",
                remediation: Remediation.sentence(for: error.obstacle), context: ["cause": error.obstacle.rawValue])
        case .invalid:
            Refusal(
                .internalError, "The ledger could not carry this out; nothing was changed.",
                remediation: "Look into the service's log for the cause, and report it.")
        }
    }

    static func unknownMessageType(_ routingKey: String) -> Refusal {
        Refusal(
            .unknownMessageType, "The routing key is not one that plans are taken under.",
            remediation: "Publish to distribution.plans with the routing key plan.requested or plan.cancel.",
            context: ["routingKey": String(routingKey.prefix(255))])
    }
}

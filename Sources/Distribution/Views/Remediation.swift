/// What to do about a code, in a sentence for people.
package enum Remediation {
    package static func sentence(for code: ErrorCode) -> String {
        switch code {
        case .authMissingAPIKey: "Send the key in x-api-key or as Authorization: Bearer."
        case .authInvalidAPIKey:
            "Use a key that exists and has not been revoked, such as the one in admin-key in the data folder."
        case .authInsufficientScope: "Use a key with the scope that this route needs."
        case .invalidDomainContext: "Name an existing domain in x-wordclaw-domain, or use a key of that domain."
        case .validationError: "Correct the field that is named and send it again."
        case .invalidID: "Use a positive whole number as id."
        case .notSupported: "Leave it out; this installation does not offer it yet."
        case .payloadTooLarge: "Send at most 1 MiB."
        case .unknownMessageType: "Publish with the routing key plan.requested or plan.cancel."
        case .targetsRequired: "Send exactly one of targets, channelTypes and allTargets."
        case .noTargets: "Create or enable a target that matches, then send the plan again."
        case .targetNotFound: "Use the id of a target of this domain; GET /api/distribution/targets lists them."
        case .planNotFound, .jobNotFound: "Use an id of this domain; GET /api/distribution/plans and /jobs list them."
        case .idempotencyKeyReused: "Use a new key for a new request, or send the first request unchanged."
        case .planCancelForbidden: "A plan that has ended cannot be cancelled; nothing is left to do."
        case .jobCancelForbidden: "A job that has ended cannot be cancelled; nothing is left to do."
        case .jobRetryForbidden: "Only a failed job, or one that waits for its next attempt, can be retried."
        case .deadLetterExpired: "Its bytes are no longer kept; send a new plan."
        case .runNotFound: "Use an id that GET /api/distribution/dead-letters/replays or /purges lists for this domain."
        case .runCancelForbidden: "A run that is done cannot be cancelled; nothing is left to do."
        case .ledgerUnavailable, .brokerUnavailable: "Try again later; nothing accepted is lost. GET /ready says more."
        case .internalError: "Report it to the operator with the request id."
        case .policyNotPublished: "Publish the content, then send a new plan."
        case .policyEntitlementInactive: "Renew the entitlement, then send a new plan."
        case .policyExpired: "Extend the licence, then send a new plan."
        case .policyRedistributionDenied: "Use a licence that allows redistribution, then send a new plan."
        case .policyChannelDenied: "Add the channel to the policy's allowedChannels, then send a new plan."
        case .egressRefused: "Correct the target's url to a public https address, or allow its network, then retry."
        case .dnsFailed: "Check the host name in the target's url; it is tried again by itself."
        case .connectFailed: "Check that the target's host accepts connections; it is tried again by itself."
        case .tlsFailed: "Check the certificate of the target's host; it is tried again by itself."
        case .timeout: "Check why the target is slow, or raise its timeouts; it is tried again by itself."
        case .connectionReset: "Check why the target closes connections; it is tried again by itself."
        case .httpStatus: "Check what the target answers; it is tried again by itself."
        case .rateLimited: "Wait, or set a rateLimit on the target; it is tried again by itself."
        case .targetGone: "The target answered 410: correct its url and enable it, or delete it."
        case .targetDisabled: "Enable the target or delete it."
        case .credentialsUnavailable: "Restore the master key, or set the target's credentials again."
        case .jobMismatch: "Find out who published to this queue; the message is never attempted."
        }
    }

    /// - Parameter isFinal: Whether what failed is at its end, so that nothing is tried again by itself.
    package static func sentence(for code: ErrorCode, isFinal: Bool) -> String {
        let sentence = sentence(for: code)
        guard isFinal, sentence.hasSuffix(again) else { return sentence }
        return sentence.dropLast(again.count) + "; then retry it."
    }

    private static let again = "; it is tried again by itself."

    /// What lets the ledger be written again, in sentences; the service goes on by itself then.
    package static func sentence(for obstacle: LedgerObstacle) -> String {
        switch obstacle {
        case .full: "Free space on the disk of the ledger; the service goes on by itself then."
        case .atLimit:
            """
            Raise CLAWCAST_LEDGER_MAX_MIB and start the service again, or remove it; or purge dead letters, which is \
            possible all the same (clawcast dead purge): the service goes on by itself once there is room.
            """
        case .locked:
            """
            End whatever holds the ledger's file locked: an open transaction of an sqlite3 shell, a backup tool, a copy \
            of the file under way (fuser ledger.sqlite names the process); the service goes on by itself then.
            """
        case .readOnly:
            """
            Give the ledger's file, its folder and its disk back to the service for writing, and start the service \
            again where the file was moved or replaced.
            """
        case .failing:
            "Look into the machine's log (dmesg) for errors of the disk; the service goes on by itself once it writes."
        case .other: "Try again later; nothing accepted is lost. GET /ready says more."
        }
    }

    /// What mends an error of a target, as the first half of a sentence: "Correct its url".
    static func mending(_ error: DeliveryError) -> String {
        switch error.code {
        case .policyNotPublished: "Publish the content"
        case .policyEntitlementInactive: "Renew the entitlement"
        case .policyExpired: "Extend the licence"
        case .policyRedistributionDenied: "Obtain the right to redistribute"
        case .policyChannelDenied: "Add the channel to the policy's allowedChannels"
        case .egressRefused: "Correct its url"
        case .dnsFailed: "Correct the host name in its url"
        case .connectFailed: "Make its host accept connections"
        case .tlsFailed: "Renew its certificate"
        case .timeout: "Make it answer sooner or raise its timeouts"
        case .connectionReset: "Find out why it closes connections"
        case .httpStatus: "Find out why it answers \(error.message)"
        case .rateLimited: "Set a rateLimit on it"
        case .targetGone: "Correct its url and enable it"
        case .targetDisabled: "Enable it"
        case .credentialsUnavailable: "Restore the master key or set its credentials again"
        default: "Correct its configuration"
        }
    }
}

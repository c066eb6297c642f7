import Distribution

/// A dead letter with the bytes that its target never accepted.
enum DeadLetterDetail {
    /// - Parameter next: What to do about it, in a sentence.
    static func json(_ letter: DeadLetter, next: String) -> JSON {
        let claim = letter.claim
        let text = String(validating: letter.body, as: UTF8.self)
        return .object([
            "jobId": .integer(claim.jobID.rawValue),
            "planId": .integer(claim.planID.rawValue),
            "targetId": .integer(claim.targetID.rawValue),
            "channelType": .string(claim.channelType.rawValue),
            "deliveryId": .string(claim.deliveryID.text),
            "attempts": .integer(letter.attempts),
            "firstAttemptAt": letter.firstAttemptAt.map { .string($0.iso8601) } ?? .null,
            "diedAt": .string(letter.diedAt.iso8601),
            "lastError": .string(letter.error.message),
            "error": JobView.error(letter.error, isFinal: true),
            "payload": .object([
                "contentType": .string(letter.contentType), "bytes": .integer(letter.body.count),
                "body": text.map { .string($0) } ?? .null,
            ]),
            "recommendedNextAction": .string(next),
        ])
    }
}

/// A receipt as every protocol shows it.
package enum ReceiptView {
    package static func json(_ receipt: Receipt) -> JSON {
        .object([
            "id": .integer(receipt.id.rawValue),
            "jobId": .integer(receipt.jobID.rawValue),
            "externalId": .text(receipt.externalID),
            "externalUrl": .text(receipt.externalURL),
            "deliveredAt": .moment(receipt.deliveredAt),
            "responseMeta": .object([
                "statusCode": .whole(receipt.responseMeta.statusCode.map(Int64.init)),
                "durationMs": .integer(receipt.responseMeta.durationMilliseconds),
            ]),
        ])
    }
}

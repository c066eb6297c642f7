import Distribution

/// How receipts look to people.
enum ReceiptPresentation {
    static func table(_ receipts: [JSON], in session: Session) -> Table {
        var table = Table([
            .init(title: "RECEIPT", isTrailing: true), .init(title: "JOB", isTrailing: true), .init(title: "DELIVERED"),
            .init(title: "ANSWER", isTrailing: true), .init(title: "TOOK", isTrailing: true),
            .init(title: "EXTERNAL ID", isFlexible: true),
        ])
        for receipt in receipts {
            let meta = receipt.member("responseMeta")
            table.add([
                .init(receipt.label("id"), .bold), .init(receipt.label("jobId")),
                .init(session.relative(receipt.text("deliveredAt"))), .init(meta?.label("statusCode"), .green),
                .init(meta?.label("durationMs").map { "\($0) ms" }), .init(receipt.text("externalId")),
            ])
        }
        return table
    }
}

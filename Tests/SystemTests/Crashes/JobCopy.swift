import AMQP
import Distribution
import GRDB
import LocalReceiver

/// The message of a job as the ledger would hand it out now, written anew.
struct JobCopy {
    let id: Int64
    private let headers: FieldTable
    private let deliveryID: String
    private let targetID: Int64
    private let body: [UInt8]

    init(of id: Int64, in ledger: LedgerFile, _ receiver: Receiver) throws {
        let rows = try ledger.rows(
            "SELECT planId, targetId, epoch, attempt, deliveryId FROM distribution_jobs WHERE id = ?", id
        ) { row -> (plan: Int64, target: Int64, epoch: Int64, attempt: Int64, delivery: String) in
            (row[0], row[1], row[2], row[3], row[4])
        }
        guard let job = rows.first,
            let request = receiver.requests().first(where: { $0.deliveryID == job.delivery })
        else { throw SystemTestError("Job \(id) was never delivered.") }
        self.id = id
        headers = [
            "x-job-id": .int64(id), "x-plan-id": .int64(job.plan), "x-target-id": .int64(job.target),
            "x-domain-id": .int64(1), "x-channel": .string("webhook"), "x-epoch": .int64(job.epoch),
            "x-attempt": .int64(job.attempt + 1),
        ]
        deliveryID = job.delivery
        targetID = job.target
        body = request.body
    }

    func message(to exchange: String) -> OutgoingMessage {
        OutgoingMessage(
            exchange: exchange, routingKey: "webhook.\(targetID)",
            properties: MessageProperties(
                contentType: "application/json", headers: headers, messageID: deliveryID, type: "distribution.job"),
            body: body)
    }
}

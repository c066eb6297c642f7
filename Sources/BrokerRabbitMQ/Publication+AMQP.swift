internal import AMQP
internal import Distribution

extension Publication {
    init(_ result: PublishResult) {
        self =
            switch result {
            case .confirmed: .confirmed
            case .returned: .unroutable
            case .nacked, .lost: .failed
            }
    }
}

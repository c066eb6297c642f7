internal import Synchronization

/// Collects the settlements of one opening of one channel until the event loop takes them.
///
/// Delivery tags mean something only on the opening of the channel that issued them. So each opening has its own box,
/// and settlements that arrive after it is shut vanish: the broker has requeued those messages by itself.
final class SettlementBox: Sendable {
    private let mailbox = Mailbox<TaggedSettlement>()
    private let open = Atomic(true)

    var isOpen: Bool { open.load(ordering: .acquiring) }

    func post(_ settlement: Settlement, tag: UInt64) {
        guard isOpen else { return }
        mailbox.post(TaggedSettlement(tag: tag, settlement: settlement))
    }

    func takeAll() -> [TaggedSettlement] { mailbox.takeAll() }

    func connect(_ wake: @escaping @Sendable () -> Void) { mailbox.connect(wake) }

    func shut() {
        open.store(false, ordering: .releasing)
        mailbox.connect(nil)
        _ = mailbox.takeAll()
    }
}

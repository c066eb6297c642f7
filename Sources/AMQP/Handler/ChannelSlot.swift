/// A channel number in use on a connection. Confined to the event loop.
final class ChannelSlot {
    /// Nil once we have sent `channel.close`, until the broker confirms it.
    var role: (any ChannelRole)?
    var isOpen = false
    var assembly = ContentAssembly()
    var whenClosed: (() -> Void)?

    init(role: any ChannelRole) {
        self.role = role
    }
}

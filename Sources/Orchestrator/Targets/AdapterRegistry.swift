package import Distribution

/// The installed adapters by channel.
package struct AdapterRegistry: Sendable {
    private let adapters: [ChannelType: any DistributionAdapter]

    /// A later adapter of the same channel replaces an earlier one.
    package init(_ adapters: [any DistributionAdapter]) {
        self.adapters = Dictionary(adapters.map { ($0.channelType, $0) }, uniquingKeysWith: { $1 })
    }

    package subscript(channel: ChannelType) -> (any DistributionAdapter)? { adapters[channel] }

    /// The installed channels, sorted.
    package var channels: [ChannelType] { adapters.keys.sorted() }
}

/// Why a name has no addresses.
enum LookupFailure: Error, Sendable, Hashable {
    /// The name does not exist or has neither A nor AAAA record.
    case noAddress
    /// Its servers did not answer, or answered that they failed.
    case noAnswer
    /// The name failed so recently that it is not asked for again yet.
    case recentlyFailed
    /// More look-ups are under way than the configuration permits.
    case tooBusy
    case shutDown
}

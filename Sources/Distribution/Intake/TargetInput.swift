/// What a request to create or change a target says; nil where it says nothing.
package struct TargetInput: Sendable, Hashable {
    package var domainID: DomainID?
    package var name: String?
    package var channelType: ChannelType?
    package var configuration: JSONObject?
    package var credentials: [String: Secret]?
    package var retry: RetryPolicy?
    package var maxInFlight: Int?
    /// `.some(nil)` lifts the limit.
    package var rateLimit: RateLimit??
    package var timeouts: DeliveryTimeouts?
    package var permanentStatusCodes: [Int]?

    package init() {}

    /// `settings` with what this input says in place.
    package func delivery(over settings: DeliverySettings = DeliverySettings()) -> DeliverySettings {
        var merged = settings
        if let retry { merged.retry = retry }
        if let maxInFlight { merged.maxInFlight = maxInFlight }
        if let rateLimit { merged.rateLimit = rateLimit }
        if let timeouts { merged.timeouts = timeouts }
        if let permanentStatusCodes { merged.permanentStatusCodes = permanentStatusCodes }
        return merged
    }
}

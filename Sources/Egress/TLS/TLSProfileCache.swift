internal import Synchronization

/// Keeps the profiles of custom trust roots and client certificates, the least recently used one leaving first.
///
/// A profile costs up to 4 ms and 1 MB to build, and connections are pooled by profile: asking here for every
/// request lets all requests with the same material share both.
package final class TLSProfileCache: Sendable {
    private struct Entry {
        var profile: TLSProfile
        var lastUse: UInt64
    }

    private struct State {
        var entries: [TLSMaterial: Entry] = [:]
        var uses: UInt64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    package init(capacity: Int = 64) {
        self.capacity = max(capacity, 1)
    }

    /// The profile of that material, built by the caller if it is new; the system's for empty material.
    package func profile(for material: TLSMaterial) throws(TLSProfileError) -> TLSProfile {
        if material == TLSMaterial() { return .system }
        if let known = state.withLock({ Self.touch(&$0, material) }) { return known }
        let profile = try TLSProfile(material)
        return state.withLock { state in
            // Somebody else may have built it meanwhile: the first one stays, so that connections are shared.
            if let known = Self.touch(&state, material) { return known }
            if state.entries.count >= capacity,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
            {
                state.entries[oldest] = nil
            }
            state.uses += 1
            state.entries[material] = Entry(profile: profile, lastUse: state.uses)
            return profile
        }
    }

    private static func touch(_ state: inout State, _ material: TLSMaterial) -> TLSProfile? {
        state.uses += 1
        state.entries[material]?.lastUse = state.uses
        return state.entries[material]?.profile
    }
}

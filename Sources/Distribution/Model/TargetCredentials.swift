/// The secrets of a target by name (`secret`, `signingKey`, …); sealed at rest, write-only for people.
package enum TargetCredentials: Sendable, Hashable {
    case available([String: Secret])
    /// The sealed bytes could not be opened, as after a lost master key; attempts answer `CREDENTIALS_UNAVAILABLE`.
    case unavailable(reason: String)

    package subscript(name: String) -> Secret? {
        if case .available(let secrets) = self { secrets[name] } else { nil }
    }

    /// What may be shown: the names that are set, sorted.
    package var names: [String] {
        if case .available(let secrets) = self { secrets.keys.sorted() } else { [] }
    }
}

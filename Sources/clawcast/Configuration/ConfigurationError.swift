/// A configuration that cannot be used, with everything that is wrong about it at once.
struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Sentences for people, each naming one setting and what it may be; no secret is in them.
    let problems: [String]

    init(_ problems: [String]) {
        self.problems = problems
    }

    init(_ setting: Setting, from origin: SettingOrigin) {
        problems = ["\(origin.name(of: setting)) must be \(setting.allowed)."]
    }

    var description: String { problems.joined(separator: "\n") }
}

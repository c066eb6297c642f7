/// How content is shaped for a target.
package struct Transform: Sendable, Hashable {
    package enum OutputFormat: String, Sendable, Hashable {
        case markdown
    }

    package var outputFormat: OutputFormat
    /// The plan's policy and this flag are joined by "or": neither can widen the other.
    package var excerptOnly: Bool
    package var includeCanonicalURL: Bool
    package var includeAttribution: Bool

    package init(
        outputFormat: OutputFormat = .markdown, excerptOnly: Bool = false, includeCanonicalURL: Bool = true,
        includeAttribution: Bool = true
    ) {
        self.outputFormat = outputFormat
        self.excerptOnly = excerptOnly
        self.includeCanonicalURL = includeCanonicalURL
        self.includeAttribution = includeAttribution
    }
}

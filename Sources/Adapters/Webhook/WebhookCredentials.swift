import Distribution
import Sealing

/// The secrets of a webhook target: which it needs, which are well formed, which are made for it.
///
/// `header.<name>` is a secret header: sealed, never shown, sent with every request.
enum WebhookCredentials {
    /// Signs `v1` and `wordclaw`: `whsec_` and the Base64 of 24 to 64 bytes.
    static let secret = "secret"
    /// The secret before the present one, valid as well during a rotation.
    static let previousSecret = "previousSecret"
    /// Signs `v1a`: `whsk_` and the Base64 of an Ed25519 key.
    static let signingKey = "signingKey"
    /// The signing key before the present one, valid as well during a rotation.
    static let previousSigningKey = "previousSigningKey"
    /// What the names of secret headers begin with; the header's own name follows in lower case.
    static let headerPrefix = "header."

    private static let symmetric: Set<String> = [secret, previousSecret]
    private static let asymmetric: Set<String> = [signingKey, previousSigningKey]
    private static let mostHeaders = 32

    /// Checks what was given and generates what is missing.
    ///
    /// - Throws: `VALIDATION_ERROR` naming the credential, never its value.
    static func complete(
        _ given: [String: Secret], for configuration: WebhookConfiguration
    ) throws(Refusal) -> (all: [String: Secret], generated: [String]) {
        let names = given.keys.sorted()
        for name in names {
            if let value = given[name] { try check(value, named: name, configuration) }
        }
        guard names.count(where: { $0.hasPrefix(headerPrefix) }) <= mostHeaders else {
            throw Refusal(
                .validationError, "A target has at most \(mostHeaders) secret headers.",
                remediation: "Leave some of credentials.\(headerPrefix)… out.", context: ["path": "credentials"])
        }
        var all = given
        var generated: [String] = []
        do throws(SealingError) {
            if configuration.signatures.contains(where: { $0 != .v1a }), all[secret] == nil {
                all[secret] = try WebhookKey.generateSymmetric()
                generated.append(secret)
            }
            if configuration.signatures.contains(.v1a), all[signingKey] == nil {
                all[signingKey] = try WebhookKey.generateAsymmetric()
                generated.append(signingKey)
            }
        } catch {
            throw Refusal(
                .internalError, "A secret could not be generated.", remediation: "Try again, or give the secret.")
        }
        return (all, generated)
    }

    /// The secret headers, sorted by name.
    static func headers(in credentials: TargetCredentials) -> [(name: String, value: String)] {
        credentials.names.filter { $0.hasPrefix(headerPrefix) }.compactMap { name in
            credentials[name].map { (String(name.dropFirst(headerPrefix.count)), $0.reveal()) }
        }
    }

    private static func check(
        _ value: Secret, named name: String, _ configuration: WebhookConfiguration
    ) throws(Refusal) {
        if name.hasPrefix(headerPrefix) {
            return try checkHeader(String(name.dropFirst(headerPrefix.count)), value, configuration)
        }
        guard symmetric.contains(name) || asymmetric.contains(name) else {
            throw invalid(name, "is not a credential of a webhook target", remedy: "Leave credentials.\(name) out.")
        }
        switch try? WebhookKey(value) {
        case .symmetric where symmetric.contains(name), .asymmetric where asymmetric.contains(name): return
        default: throw malformed(name)
        }
    }

    private static func checkHeader(
        _ header: String, _ value: Secret, _ configuration: WebhookConfiguration
    ) throws(Refusal) {
        let name = headerPrefix + header
        let remedy = "Correct credentials.\(name), or leave it out."
        if let problem = HeaderRules.problem(name: header, value: value.reveal()) {
            throw invalid(name, problem, remedy: remedy)
        }
        guard header == header.lowercased() else { throw invalid(name, "must be in lower case", remedy: remedy) }
        guard !configuration.headers.contains(where: { $0.name.lowercased() == header }) else {
            throw invalid(
                name, "is given in config.headers as well", remedy: "Leave config.headers.\(header) out.")
        }
    }

    private static func malformed(_ name: String) -> Refusal {
        let form =
            asymmetric.contains(name)
            ? "must be whsk_ followed by the Base64 of an Ed25519 key"
            : "must be whsec_ followed by the Base64 of 24 to 64 bytes"
        let isGenerated = name == secret || name == signingKey
        return invalid(
            name, form,
            remedy: "Correct credentials.\(name), or leave it out\(isGenerated ? " to have it generated" : "").")
    }

    private static func invalid(_ name: String, _ problem: String, remedy: String) -> Refusal {
        Refusal(
            .validationError, "credentials.\(name) \(problem).", remediation: remedy,
            context: ["path": "credentials.\(name)"])
    }
}

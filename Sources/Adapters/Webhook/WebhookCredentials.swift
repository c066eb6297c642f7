import Distribution
import Sealing

/// The secrets of a webhook target: which it needs, which are well formed, which are made for it.
enum WebhookCredentials {
    /// Signs `v1` and `wordclaw`: `whsec_` and the Base64 of 24 to 64 bytes.
    static let secret = "secret"
    /// The secret before the present one, valid as well during a rotation.
    static let previousSecret = "previousSecret"
    /// Signs `v1a`: `whsk_` and the Base64 of an Ed25519 key.
    static let signingKey = "signingKey"

    /// Checks what was given and generates what is missing.
    ///
    /// - Throws: `VALIDATION_ERROR` naming the credential, never its value.
    static func complete(
        _ given: [String: Secret], for signatures: [WebhookConfiguration.Signature]
    ) throws(Refusal) -> (all: [String: Secret], generated: [String]) {
        for name in given.keys.sorted() where ![secret, previousSecret, signingKey].contains(name) {
            throw invalid(name, "is not a credential of a webhook target")
        }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) { try check(value, named: name) }
        var all = given
        var generated: [String] = []
        do throws(SealingError) {
            if signatures.contains(.v1) || signatures.contains(.wordclaw), all[secret] == nil {
                all[secret] = try WebhookKey.generateSymmetric()
                generated.append(secret)
            }
            if signatures.contains(.v1a), all[signingKey] == nil {
                all[signingKey] = try WebhookKey.generateAsymmetric()
                generated.append(signingKey)
            }
        } catch {
            throw Refusal(
                .internalError, "A secret could not be generated.", remediation: "Try again, or give the secret.")
        }
        return (all, generated)
    }

    private static func check(_ value: Secret, named name: String) throws(Refusal) {
        let key: WebhookKey
        do throws(SealingError) { key = try WebhookKey(value) } catch { throw malformed(name) }
        switch key {
        case .symmetric where name == signingKey: throw malformed(name)
        case .asymmetric where name != signingKey: throw malformed(name)
        default: return
        }
    }

    private static func malformed(_ name: String) -> Refusal {
        let form =
            name == signingKey
            ? "must be whsk_ followed by the Base64 of an Ed25519 key"
            : "must be whsec_ followed by the Base64 of 24 to 64 bytes"
        return invalid(name, form)
    }

    private static func invalid(_ name: String, _ problem: String) -> Refusal {
        Refusal(
            .validationError, "credentials.\(name) \(problem).",
            remediation: "Correct credentials.\(name), or leave it out to have it generated.",
            context: ["path": "credentials.\(name)"])
    }
}

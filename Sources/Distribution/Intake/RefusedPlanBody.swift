/// What a dead plan shows of the message that was refused.
package enum RefusedPlanBody {
    /// Above it a body is not looked into.
    static let maximumReadableBytes = 4 * PlanDecoder.maximumBytes

    /// The body with every text that might be content replaced by `{"size":…,"sha256":…}`, in bytes and hexadecimal.
    ///
    /// Replaced are `content.data`, every other member of `content` and of the plan that the contract does not name (a
    /// mistyped `data` is content too), and whatever is called like a credential. The digest is that of the string, or
    /// of the value as compact JSON. A body that is not a JSON object, or has more than 4 MiB, becomes size and digest
    /// alone.
    package static func sanitize(_ body: [UInt8], digest: (ArraySlice<UInt8>) -> Digest256) -> [UInt8] {
        let isReadable = body.count <= maximumReadableBytes
        guard isReadable, let object = (try? JSON.parse(body))?.objectValue else {
            return summary(of: body, digest).serialized()
        }
        let members = changed(object) { name, value in
            switch name {
            case "content": content(value, digest)
            case let name where planFields.contains(name): withoutCredentials(value)
            default: replaced(value, digest)
            }
        }
        return members.serialized()
    }

    /// The same members with other values. A body may have a hundred thousand, none of which is looked for by its name.
    private static func changed(_ object: JSONObject, _ change: (String, JSON) -> JSON) -> JSON {
        .object(
            JSONObject(
                uniqueMembers: object.members.map { .init(name: $0.name, value: change($0.name, $0.value)) }))
    }

    private static let planFields: Set<String> = [
        "schemaVersion", "idempotencyKey", "domainId", "requestId", "contentItemId", "contentVersion", "scheduledAt",
        "targets", "channelTypes", "allTargets", "transform", "policy", "createdBy", "planId",
    ]

    private static let contentFields: Set<String> = [
        "contentTypeId", "contentTypeSlug", "status", "premiumFields", "canonicalUrl", "createdAt", "updatedAt",
    ]

    private static let credentialNames: Set<String> = [
        "credentials", "credential", "secret", "password", "token", "accesstoken", "refreshtoken", "apikey",
        "api_key", "x-api-key", "authorization", "signingkey", "privatekey", "clientsecret",
    ]

    private static func content(_ value: JSON, _ digest: (ArraySlice<UInt8>) -> Digest256) -> JSON {
        guard let object = value.objectValue else { return replaced(value, digest) }
        return changed(object) { name, value in
            contentFields.contains(name) ? withoutCredentials(value) : replaced(value, digest)
        }
    }

    private static func withoutCredentials(_ value: JSON) -> JSON {
        switch value {
        case .null, .bool, .number, .string: value
        case .array(let elements): .array(elements.map(withoutCredentials))
        case .object(let object):
            changed(object) { name, value in
                credentialNames.contains(name.lowercased()) ? .string("‹redacted›") : withoutCredentials(value)
            }
        }
    }

    private static func replaced(_ value: JSON, _ digest: (ArraySlice<UInt8>) -> Digest256) -> JSON {
        switch value {
        case .null, .bool: value
        case .string(let text): summary(of: Array(text.utf8), digest)
        case .number, .array, .object: summary(of: value.serialized(), digest)
        }
    }

    private static func summary(of bytes: [UInt8], _ digest: (ArraySlice<UInt8>) -> Digest256) -> JSON {
        .object(["size": .integer(bytes.count), "sha256": .string(digest(bytes[...]).hexadecimal)])
    }
}

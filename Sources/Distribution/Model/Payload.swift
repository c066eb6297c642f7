/// The bytes that a target will receive, rendered once when the plan is accepted.
package struct Payload: Sendable, Hashable {
    package let digest: Digest256
    package let contentType: String
    package let bytes: [UInt8]

    package init(digest: Digest256, contentType: String, bytes: [UInt8]) {
        self.digest = digest
        self.contentType = contentType
        self.bytes = bytes
    }
}

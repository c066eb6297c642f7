/// The 32 bytes under which everything secret in the ledger is sealed; never stored with it, never printed.
package struct MasterKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    package init(bytes: [UInt8]) throws(SealingError) {
        guard bytes.count == 32 else { throw Self.malformed }
        self.bytes = bytes
    }

    /// - Parameter text: 64 hexadecimal digits or the Base64 of 32 bytes; whitespace around it is ignored.
    package init(text: String) throws(SealingError) {
        let characters = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        let trimmed = String(characters)
        let decoded = trimmed.utf8.count == 64 ? Hexadecimal.decode(trimmed) : Base64.decode(trimmed)
        guard let decoded else { throw Self.malformed }
        try self.init(bytes: decoded)
    }

    package static func generate() throws(SealingError) -> MasterKey {
        try MasterKey(bytes: randomBytes(32))
    }

    /// The key as Base64, to be written to its file and nowhere else.
    package func reveal() -> String { Base64.encode(bytes) }

    package var description: String { "‹redacted›" }
    package var debugDescription: String { "‹redacted›" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private static let malformed = SealingError.malformedKey(
        "A master key is 32 bytes, written as 64 hexadecimal digits or as Base64."
    )
}

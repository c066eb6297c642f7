/// Makes text of unknown origin fit to be stored, logged and shown.
package enum Sanitizer {
    /// The beginning of an answer as text: valid UTF-8, control characters replaced, no query of a URL.
    package static func excerpt(_ bytes: [UInt8], maximumBytes: Int = 4096) -> String {
        clean(bytes[...], maximumBytes: maximumBytes)
    }

    /// A sentence of at most 1 KiB, cleaned alike.
    package static func message(_ text: String) -> String {
        clean(Array(text.utf8)[...], maximumBytes: 1024)
    }

    static func clean(_ bytes: ArraySlice<UInt8>, maximumBytes: Int) -> String {
        String(decoding: bytes.prefix(maximumBytes), as: UTF8.self)
    }
}

extension JSON {
    /// Reads one JSON text, strictly by RFC 8259.
    ///
    /// Refused beyond the grammar: bytes that are not UTF-8, a byte order mark, escapes of lone surrogates, a member
    /// name that repeats in its object (names that differ only in Unicode normalization count as equal, as they do for
    /// ``JSONObject``), and nesting deeper than `maximumDepth`. Numbers keep their literals. One pass, linear in the
    /// length of the text whatever it holds.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int = 64) throws(JSONSyntaxError) -> JSON {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONSyntaxError) in
            var parser = JSONParser(bytes: buffer, maximumDepth: maximumDepth)
            return try parser.document()
        }
    }

    package static func parse(_ text: String, maximumDepth: Int = 64) throws(JSONSyntaxError) -> JSON {
        try parse(Array(text.utf8), maximumDepth: maximumDepth)
    }

    /// The value as compact UTF-8, members in their order; parsing it gives an equal value.
    package func serialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.raw(self)
        return writer.bytes
    }

    /// The value as compact UTF-8 with the members of every object sorted by name: equal bytes for objects that differ
    /// in the order of their members only.
    package func canonicallySerialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.canonical(self)
        return writer.bytes
    }
}

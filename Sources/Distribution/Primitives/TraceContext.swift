/// W3C Trace Context headers, carried from a plan to its jobs, outbound requests and events.
package struct TraceContext: Hashable, Sendable {
    package let traceparent: String
    package let tracestate: String?

    /// - Returns: nil where `traceparent` is not of the W3C form `00-<32 hex>-<16 hex>-<2 hex>` (later versions may go
    ///   on after it); an unusable `tracestate` (over 512 characters or not printable ASCII) is dropped alone.
    package init?(traceparent: String, tracestate: String? = nil) {
        guard Self.isWellFormed(Array(traceparent.utf8)) else { return nil }
        self.traceparent = traceparent
        let isUsable = tracestate.map { $0.utf8.count <= 512 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }
        self.tracestate = isUsable == true ? tracestate : nil
    }

    private static func isWellFormed(_ bytes: [UInt8]) -> Bool {
        guard (55...256).contains(bytes.count) else { return false }
        let isVersionZero = bytes[0] == UInt8(ascii: "0") && bytes[1] == UInt8(ascii: "0")
        guard !isVersionZero || bytes.count == 55 else { return false }
        let isInvalidVersion = bytes[0] == UInt8(ascii: "f") && bytes[1] == UInt8(ascii: "f")
        guard !isInvalidVersion else { return false }
        let hyphens: Set<Int> = [2, 35, 52]
        for (index, byte) in bytes.prefix(55).enumerated() {
            if hyphens.contains(index) {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                let isHex =
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                guard isHex else { return false }
            }
        }
        let hasTrace = bytes[3..<35].contains { $0 != UInt8(ascii: "0") }
        let hasParent = bytes[36..<52].contains { $0 != UInt8(ascii: "0") }
        return hasTrace && hasParent && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

package enum RefusedPlanBody {
    package static func sanitize(_ body: [UInt8], digest: (ArraySlice<UInt8>) -> Digest256) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("size")
        writer.integer(body.count)
        writer.key("sha256")
        writer.string(digest(body[...]).hexadecimal)
        writer.endObject()
        return writer.bytes
    }
}

import Distribution
import HTTPTypes
import Hummingbird

/// What a handler answers with, before it becomes bytes.
struct Answer: Sendable {
    var status = HTTPResponse.Status.ok
    let data: JSON
    let meta: AnswerMeta
    /// Where the thing that was created is found.
    var location: String?
    /// The request was a repetition, and this is what its first answer led to.
    var isReplayed = false

    init(data: JSON, meta: AnswerMeta) {
        self.data = data
        self.meta = meta
    }

    func response(offering catalogue: ActionCatalogue) -> Response {
        var writer = JSONWriter(reservingCapacity: 4_096)
        writer.beginObject()
        writer.key("data")
        writer.raw(data)
        writer.key("meta")
        meta.write(to: &writer, offering: catalogue)
        writer.endObject()
        var response = Response.json(status, bytes: writer.bytes)
        response.headers[.location] = location
        if isReplayed { response.headers[text: "x-idempotent-replayed"] = "true" }
        return response
    }
}

import Distribution
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    static func json(_ status: HTTPResponse.Status, _ value: JSON) -> Response {
        json(status, bytes: value.serialized())
    }

    static func json(_ status: HTTPResponse.Status, bytes: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension HTTPFields {
    /// A field that HTTPTypes has no name for, its values joined; nil where it is absent.
    subscript(text name: String) -> String? {
        get { HTTPField.Name(name).flatMap { self[$0] } }
        set { if let name = HTTPField.Name(name) { self[name] = newValue } }
    }
}

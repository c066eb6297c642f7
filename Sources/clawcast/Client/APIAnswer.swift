import Distribution

/// What the API answered to a call that it carried out.
struct APIAnswer: Sendable {
    let status: Int
    /// The body as it came.
    let bytes: [UInt8]
    let json: JSON
    /// The request had been made before; nothing was created.
    let isReplayed: Bool

    var data: JSON { json.member("data") ?? .null }
    var meta: JSON { json.member("meta") ?? .null }

    /// The elements of a list.
    var items: [JSON] { data.arrayValue ?? [] }
}

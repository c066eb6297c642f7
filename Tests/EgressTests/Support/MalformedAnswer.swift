/// Answers of which no client should make sense.
enum MalformedAnswer: CaseIterable {
    case banner
    case tlsAlert
    case otherVersion
    case brokenStatus
    case headerWithoutColon
    case headerWithoutName
    case brokenLength
    case twoLengths
    case lengthAndChunked
    case brokenChunk
    case longField
    case manyFields
    case largeHead

    var text: String {
        switch self {
        case .banner: "SSH-2.0-OpenSSH_9.2\r\n\r\n"
        case .tlsAlert: "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{50}"
        case .otherVersion: "HTTP/2.0 200 OK\r\n\r\n"
        case .brokenStatus: "HTTP/1.1 2x0 OK\r\n\r\n"
        case .headerWithoutColon: "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"
        case .headerWithoutName: "HTTP/1.1 200 OK\r\n: empty\r\n\r\n"
        case .brokenLength: "HTTP/1.1 200 OK\r\ncontent-length: 1x\r\n\r\nok"
        case .twoLengths: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!"
        case .lengthAndChunked:
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
        case .brokenChunk: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
        case .longField: "HTTP/1.1 200 OK\r\nx: " + String(repeating: "a", count: 9_000) + "\r\n\r\n"
        case .manyFields: "HTTP/1.1 200 OK\r\n" + String(repeating: "x: y\r\n", count: 101) + "\r\n"
        case .largeHead:
            "HTTP/1.1 200 OK\r\n"
                + String(repeating: "x: " + String(repeating: "a", count: 7_000) + "\r\n", count: 10) + "\r\n"
        }
    }
}

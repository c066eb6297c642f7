extension Behaviour {
    /// The behaviour a URL asks for by its path, so that a receiver in another process can be told how to behave:
    ///
    /// `/status/503`, `/fail-first/2/503`, `/fail-first-total/2/503`, `/retry-after/5/429`, `/quota/40/5`, `/delay/500`
    /// (and `/delay/500/status/503`), `/hang`, `/reset`, `/reset-midway`, `/close`, `/close-after`, `/trickle/100`,
    /// `/big/10000000`. Anything may follow. Nil for every other path.
    init?(path: String) {
        let end = path.firstIndex(of: "?") ?? path.endIndex
        self.init(segments: path[..<end].split(separator: "/")[...])
    }

    private init?(segments: ArraySlice<Substring>) {
        let numbers = segments.dropFirst().prefix(2).map { Int($0).flatMap { (0...1_000_000_000) ~= $0 ? $0 : nil } }
        let first = numbers.first ?? nil
        let second = numbers.count > 1 ? numbers[1] : nil
        switch segments.first {
        case "hang": self = .hang
        case "reset": self = .resetBeforeAnswer
        case "reset-midway": self = .resetMidway
        case "close": self = .closeBeforeAnswer
        case "close-after": self = .closeAfterAnswer
        case "status": self = .status(Self.status(first) ?? 500)
        case "fail-first": self = .failFirst(first ?? 1, status: Self.status(second) ?? 503)
        case "fail-first-total": self = .failFirstTotal(first ?? 1, status: Self.status(second) ?? 503)
        case "retry-after": self = .retryAfter(seconds: first ?? 1, status: Self.status(second) ?? 429)
        case "quota": self = .quota(first ?? 1, seconds: max(1, second ?? 1))
        case "delay":
            self = .delay(milliseconds: first ?? 0, then: Behaviour(segments: segments.dropFirst(2)) ?? .accept)
        case "trickle": self = .trickle(milliseconds: first ?? 100)
        case "big": self = .large(bytes: first ?? 0)
        default: return nil
        }
    }

    private static func status(_ number: Int?) -> Int? {
        number.flatMap { (200...999) ~= $0 ? $0 : nil }
    }
}

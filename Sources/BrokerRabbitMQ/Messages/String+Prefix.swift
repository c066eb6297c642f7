extension String {
    /// As many whole characters from the start as fit into that many bytes of UTF-8.
    func prefix(utf8Bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = startIndex
        var size = 0
        while end < endIndex {
            let next = index(after: end)
            size += self[end..<next].utf8.count
            guard size <= limit else { break }
            end = next
        }
        return String(self[..<end])
    }
}

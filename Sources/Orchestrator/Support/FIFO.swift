/// A queue whose first element is taken out without moving the others.
struct FIFO<Element> {
    private var elements: [Element?] = []
    /// Where the first element is; everything before it has been taken.
    private var head = 0

    var count: Int { elements.count - head }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head].take()
        head += 1
        // Moved once per half of the queue, so that an element is moved once on average.
        if head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Every element in order; the queue is empty then.
    mutating func takeAll() -> [Element] {
        defer { self = FIFO() }
        return elements[head...].compactMap(\.self)
    }

    func contains(where predicate: (Element) -> Bool) -> Bool {
        elements[head...].contains { $0.map(predicate) ?? false }
    }

    mutating func removeAll(where predicate: (Element) -> Bool) {
        elements.removeSubrange(..<head)
        head = 0
        elements.removeAll { $0.map(predicate) ?? true }
    }
}

extension FIFO: Sendable where Element: Sendable {}

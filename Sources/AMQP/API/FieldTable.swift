/// An AMQP field table: named values in the order they were written, each name at most once.
///
/// Look-up is linear; tables here have a handful of fields. Equality and hashing regard the order.
package struct FieldTable: Sendable, Hashable {
    /// One named value.
    package struct Field: Sendable, Hashable {
        package let name: String
        package var value: FieldValue
    }

    package private(set) var fields: [Field]

    package init() { fields = [] }

    package var isEmpty: Bool { fields.isEmpty }
    package var count: Int { fields.count }

    /// The value of that name. Assigning replaces it in place or appends it; assigning nil removes it.
    package subscript(name: String) -> FieldValue? {
        get {
            for field in fields where field.name == name { return field.value }
            return nil
        }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Removes every field whose name the predicate accepts.
    package mutating func removeAll(where shouldRemove: (_ name: String) -> Bool) {
        fields.removeAll { shouldRemove($0.name) }
    }

    package mutating func reserveCapacity(_ capacity: Int) {
        fields.reserveCapacity(capacity)
    }

    /// A name that comes twice keeps its first value. There may be as many as fit into a frame, unlike elsewhere.
    init(decoded: some Collection<(String, FieldValue)>) {
        fields = []
        fields.reserveCapacity(decoded.count)
        var names: Set<String> = []
        let isLarge = decoded.count > 32
        for (name, value) in decoded {
            let isNew = isLarge ? names.insert(name).inserted : !fields.contains { $0.name == name }
            if isNew { fields.append(Field(name: name, value: value)) }
        }
    }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    /// A name that comes twice keeps its place and takes the last value.
    package init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}

extension FieldTable: Sequence {
    package func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }
}

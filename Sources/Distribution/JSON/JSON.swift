/// A JSON value (RFC 8259) that keeps what the sender wrote: the order of members, and numbers as their literal text.
///
/// Content passes through Clawcast on its way to receivers; a `1.10` or a 20-digit integer must leave as it came.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The literal as written, checked against the grammar of RFC 8259 §6.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    package static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    package var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number as an integer, where it is written as one and fits 64 bits.
    package var integerValue: Int64? {
        if case .number(let literal) = self { Int64(literal) } else { nil }
    }

    package var doubleValue: Double? {
        if case .number(let literal) = self { Double(literal) } else { nil }
    }

    package var isNull: Bool { self == .null }
}

/// The members of a JSON object in the order they were written; names are unique.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Member: Hashable, Sendable {
        package let name: String
        package var value: JSON

        package init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var members: [Member]

    package init() {
        members = []
    }

    /// A repeated name keeps its first place and takes the last value.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        members = []
        for (name, value) in elements { self[name] = value }
    }

    package init(_ members: [(String, JSON)]) {
        self.members = []
        for (name, value) in members { self[name] = value }
    }

    /// Takes members whose names are known to be unique, without looking again.
    init(uniqueMembers: [Member]) {
        members = uniqueMembers
    }

    /// Objects of this domain have few members, so a linear search beats hashing.
    package subscript(name: String) -> JSON? {
        get { members.first { $0.name == name }?.value }
        set {
            if let index = members.firstIndex(where: { $0.name == name }) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            }
        }
    }

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }
}

import Distribution

extension JSON {
    /// A member of an object; nil for everything else.
    func member(_ name: String) -> JSON? { objectValue?[name] }

    func text(_ name: String) -> String? { member(name)?.stringValue }
    func integer(_ name: String) -> Int64? { member(name)?.integerValue }
    func bool(_ name: String) -> Bool? { member(name)?.boolValue }
    func elements(_ name: String) -> [JSON] { member(name)?.arrayValue ?? [] }

    /// A member that is a string or a number, as text.
    func label(_ name: String) -> String? {
        switch member(name) {
        case .string(let text): text
        case .number(let literal): literal
        default: nil
        }
    }

    /// The value as compact JSON text.
    var compactText: String { String(decoding: serialized(), as: UTF8.self) }
}

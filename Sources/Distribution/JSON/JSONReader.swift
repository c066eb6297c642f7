/// Typed access to the members of a JSON object that somebody sent, with the object's own place for the refusals.
///
/// Every refusal is a `VALIDATION_ERROR` that names the field in its sentence and under `path` in its context, and
/// never repeats the value. `null` counts as absent.
package struct JSONReader: Sendable {
    package let object: JSONObject
    /// Where the object stands in the document, `policy.entitlement`; empty for the document itself.
    package let path: String

    package init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    package func has(_ name: String) -> Bool {
        object[name].map { !$0.isNull } ?? false
    }

    /// - Parameter length: In Unicode scalars.
    package func optionalString(
        _ name: String, length: ClosedRange<Int> = 0...Int.max
    ) throws(Refusal) -> String? {
        guard let text = try optional(name, "a string", \.stringValue) else { return nil }
        guard length.contains(text.unicodeScalars.count) else {
            throw refusal(name, "must have \(length.lowerBound) to \(length.upperBound) characters")
        }
        return text
    }

    package func requiredString(
        _ name: String, length: ClosedRange<Int> = 0...Int.max
    ) throws(Refusal) -> String {
        try required(name, optionalString(name, length: length))
    }

    package func optionalInteger(
        _ name: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(Refusal) -> Int64? {
        guard let number = try optional(name, "a whole number", \.integerValue) else { return nil }
        guard range.contains(number) else { throw refusal(name, "must be \(Self.words(for: range))") }
        return number
    }

    package func requiredInteger(
        _ name: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(Refusal) -> Int64 {
        try required(name, optionalInteger(name, in: range))
    }

    package func optionalNumber(_ name: String, in range: ClosedRange<Double>) throws(Refusal) -> Double? {
        guard let number = try optional(name, "a number", \.doubleValue) else { return nil }
        guard range.contains(number) else {
            throw refusal(name, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func requiredNumber(_ name: String, in range: ClosedRange<Double>) throws(Refusal) -> Double {
        try required(name, optionalNumber(name, in: range))
    }

    package func optionalBool(_ name: String) throws(Refusal) -> Bool? {
        try optional(name, "a boolean", \.boolValue)
    }

    package func requiredBool(_ name: String) throws(Refusal) -> Bool {
        try required(name, optionalBool(name))
    }

    package func optionalObject(_ name: String) throws(Refusal) -> JSONReader? {
        try optional(name, "an object", \.objectValue).map { JSONReader($0, path: place(of: name)) }
    }

    package func requiredObject(_ name: String) throws(Refusal) -> JSONReader {
        try required(name, optionalObject(name))
    }

    package func optionalArray(_ name: String) throws(Refusal) -> [JSON]? {
        try optional(name, "an array", \.arrayValue)
    }

    package func requiredArray(_ name: String) throws(Refusal) -> [JSON] {
        try required(name, optionalArray(name))
    }

    package func optionalTimestamp(_ name: String) throws(Refusal) -> Timestamp? {
        try optional(name, "an ISO 8601 date and time with a zone, as 2026-04-06T09:00:00.000Z") { value in
            value.stringValue.flatMap(Timestamp.init(iso8601:))
        }
    }

    package func requiredTimestamp(_ name: String) throws(Refusal) -> Timestamp {
        try required(name, optionalTimestamp(name))
    }

    package func optionalStrings(_ name: String) throws(Refusal) -> [String]? {
        guard let elements = try optionalArray(name) else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(elements.count)
        for element in elements {
            guard let string = element.stringValue else { throw refusal(name, "must hold strings only") }
            strings.append(string)
        }
        return strings
    }

    /// Refuses a member that is not listed, so that a mistyped name cannot go unnoticed.
    ///
    /// - Parameter allowed: A handful, so that comparing with each is cheaper than hashing.
    package func refuseUnknown(allowed: some Sequence<String>) throws(Refusal) {
        for member in object.members where !allowed.contains(member.name) {
            let name = Sanitizer.message(String(member.name.prefix(64)))
            throw Refusal(
                .validationError, "\(place(of: name)) is not a known field.",
                remediation: "Remove it, or use one of: \(allowed.sorted().joined(separator: ", ")).",
                context: ["path": place(of: name)])
        }
    }

    /// A refusal that says of a member what is wrong: `must be a boolean`.
    package func refusal(_ name: String, _ complaint: String) -> Refusal {
        let place = place(of: name)
        return Refusal(
            .validationError, "\(place) \(complaint).", remediation: "Correct \(place) and send it again.",
            context: ["path": place])
    }

    /// The whole path of a member.
    package func place(of name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}

extension JSONReader {
    private func optional<Value>(
        _ name: String, _ kind: String, _ read: (JSON) -> Value?
    ) throws(Refusal) -> Value? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let result = read(value) else { throw refusal(name, "must be \(kind)") }
        return result
    }

    private func required<Value>(_ name: String, _ value: Value?) throws(Refusal) -> Value {
        guard let value else { throw refusal(name, "is required") }
        return value
    }

    private static func words(for range: ClosedRange<Int64>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (let low, .max): "a whole number of at least \(low)"
        case (let low, let high): "a whole number from \(low) to \(high)"
        }
    }
}

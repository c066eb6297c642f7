extension JSONObject {
    /// The object that the body of a message or request consists of.
    ///
    /// - Throws: A refusal `VALIDATION_ERROR` that says where the body stops being JSON, or that it is something else.
    package init(body: [UInt8]) throws(Refusal) {
        let json: JSON
        do {
            json = try JSON.parse(body)
        } catch {
            throw Refusal(
                .validationError, "The body is not the JSON that is expected: \(error)",
                remediation: "Send one JSON object in UTF-8, each member name once.",
                context: ["offset": String(error.offset)])
        }
        guard let object = json.objectValue else {
            throw Refusal(.validationError, "The body is not an object.", remediation: "Send one JSON object.")
        }
        self = object
    }
}

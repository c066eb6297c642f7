import Distribution

extension APIProbe {
    /// Asks for a run over dead letters, and for the run until it has ended.
    func run(_ method: String, _ path: String, _ body: JSONObject? = nil) async throws -> Answer {
        let accepted = try await send(method, path, body)
        guard let location = accepted["location"] else { return accepted }
        while true {
            let answer = try await send("GET", absolute: location)
            guard answer.data["status"]?.stringValue == "running" else { return answer }
        }
    }
}

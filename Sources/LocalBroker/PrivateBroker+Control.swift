extension PrivateBroker {
    /// Makes a virtual host that the node's administrator may use, and returns its AMQP URL (a secret).
    ///
    /// One that exists stays as it is. Takes about 20 ms. The name may hold letters, digits, `-`, `_` and `.`.
    ///
    /// - Throws: `notRunning`; `commandFailed` where the name or the node refuses.
    package func createVirtualHost(_ name: String) async throws(LocalBrokerError) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isPlain) else {
            throw LocalBrokerError(
                .commandFailed, "A virtual host's name is made of letters, digits, '-', '_' and '.'.")
        }
        let user = "<<\"\(credentials.username)\">>"
        let host = "<<\"\(name)\">>"
        let all = "<<\".*\">>"
        let answer = try await evaluate(
            """
            rabbit_vhost:add(\(host), \(user)),
            rabbit_auth_backend_internal:set_permissions(\(user), \(host), \(all), \(all), \(all), \(user)).

            """
        )
        guard answer == "{ok, ok}" else {
            throw LocalBrokerError(.commandFailed, "The node did not make the virtual host \(name).", cause: answer)
        }
        return amqpURL(virtualHost: name)
    }

    /// Runs `rabbitmqctl` against this node and returns its output; takes half a second of CPU.
    ///
    /// - Throws: `notRunning`; `commandFailed` with the output as cause.
    @discardableResult
    package func rabbitmqctl(_ arguments: [String]) async throws(LocalBrokerError) -> String {
        try await run(installation.control, ["--quiet"] + arguments)
    }

    /// Evaluates Erlang expressions inside the node, forty times faster than `rabbitmqctl eval`.
    ///
    /// The call takes a name of its own, because the node takes one call of a name at a time; `-r` would not do, as its
    /// names repeat within a second.
    private func evaluate(_ expressions: String) async throws(LocalBrokerError) -> String {
        let name = "call\(UInt64.random(in: .min ... .max))"
        return try await run(
            installation.erlangCall, ["-h", name, "-sname", "clawcast@localhost", "-e"], input: expressions,
            timeoutSeconds: 30)
    }

    private func run(
        _ executable: String, _ arguments: [String], input: String = "", timeoutSeconds: Int = 120
    ) async throws(LocalBrokerError) -> String {
        guard isRunning else { throw LocalBrokerError(.notRunning, "The private broker does not run. Start it first.") }
        var environment = directory.environment(identity)
        // A tool is not a part of the node that a successor would have to stop.
        environment["CLAWCAST_BROKER_MARK"] = nil
        return try await Command(
            executable: executable, arguments: arguments, environment: environment, input: input,
            timeoutSeconds: timeoutSeconds
        ).output()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

internal import AMQP
internal import Distribution

extension Topology {
    /// The topology in RabbitMQ's own format, for `load_definitions` and `rabbitmqctl import_definitions`.
    ///
    /// Users come without a password: an empty hash, with which RabbitMQ lets nobody log in. Set one with
    /// `rabbitmqctl change_password` after each import, because importing a user again takes its password away, with an
    /// empty hash as without any. The text is the same for the same topology, byte by byte.
    package func definitionsJSON(virtualHost: String = "/") -> String {
        DefinitionsWriter.text([
            ("users", users.map(definition)),
            ("vhosts", [["name": .string(virtualHost)]]),
            ("permissions", users.map { permission($0, virtualHost) }),
            ("policies", policies.map { definition($0, virtualHost) }),
            ("exchanges", exchanges.map { definition($0, virtualHost) }),
            ("queues", queues.map { definition($0, virtualHost) }),
            ("bindings", bindings.map { definition($0, virtualHost) }),
        ])
    }

    private func definition(_ user: UserDescription) -> JSONObject {
        [
            "name": .string(user.name), "password_hash": .string(""),
            "hashing_algorithm": .string("rabbit_password_hashing_sha256"),
            "tags": .array(user.tags.map(JSON.string)), "limits": .object([:]),
        ]
    }

    private func permission(_ user: UserDescription, _ virtualHost: String) -> JSONObject {
        [
            "user": .string(user.name), "vhost": .string(virtualHost), "configure": .string(user.configure),
            "write": .string(user.write), "read": .string(user.read),
        ]
    }

    private func definition(_ policy: PolicyDescription, _ virtualHost: String) -> JSONObject {
        [
            "vhost": .string(virtualHost), "name": .string(policy.name), "pattern": .string(policy.pattern),
            "apply-to": .string("queues"), "priority": .integer(policy.priority),
            "definition": .object(arguments(policy.definition)),
        ]
    }

    private func definition(_ exchange: ExchangeDescription, _ virtualHost: String) -> JSONObject {
        [
            "name": .string(exchange.name), "vhost": .string(virtualHost), "type": .string(exchange.kind.rawValue),
            "durable": .bool(true), "auto_delete": .bool(false), "arguments": .object(arguments(exchange.arguments)),
        ]
    }

    private func definition(_ queue: QueueDescription, _ virtualHost: String) -> JSONObject {
        [
            "name": .string(queue.name), "vhost": .string(virtualHost), "durable": .bool(true),
            "auto_delete": .bool(false), "arguments": .object(arguments(queue.arguments)),
        ]
    }

    private func definition(_ binding: BindingDescription, _ virtualHost: String) -> JSONObject {
        let (destination, type) =
            switch binding.destination {
            case .queue(let name): (name, "queue")
            case .exchange(let name): (name, "exchange")
            }
        return [
            "source": .string(binding.source), "vhost": .string(virtualHost), "destination": .string(destination),
            "destination_type": .string(type), "routing_key": .string(binding.routingKey),
            "arguments": .object(arguments(binding.arguments)),
        ]
    }

    private func arguments(_ table: FieldTable) -> JSONObject {
        JSONObject(
            table.map { field in
                (field.name, field.value.integerValue.map { .integer($0) } ?? .string(field.value.stringValue ?? ""))
            })
    }
}

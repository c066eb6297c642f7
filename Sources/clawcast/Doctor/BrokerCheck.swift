import AMQP
import BrokerRabbitMQ
import Distribution
import Glibc

/// Looks at the broker as far as AMQP shows it.
enum BrokerCheck {
    static func findings(_ configuration: ServiceConfiguration) async -> [Finding] {
        guard let url = configuration.amqpURL else { return [privateBroker(configuration)] }
        let topology = Topology(namespace: configuration.namespace)
        do {
            return try await BrokerVisit.make(to: url, as: "clawcast doctor") { connection in
                [reached(configuration)] + objects(try await TopologyCheck(of: topology, over: connection))
                    + [policies(topology)]
            }
        } catch let failure as CommandFailure {
            return [Finding(.fail, "broker", failure.message, remediation: failure.remediation)]
        } catch {
            return [Finding(.fail, "broker", "\(error)", remediation: "See the broker's log.")]
        }
    }

    private static func privateBroker(_ configuration: ServiceConfiguration) -> Finding {
        guard access("/usr/lib/rabbitmq/bin/rabbitmq-server", X_OK) == 0 else {
            return Finding(
                .fail, "broker", "no broker is configured and RabbitMQ is not installed to run a private one",
                remediation: "sudo apt-get install rabbitmq-server, or set CLAWCAST_AMQP_URL.")
        }
        return Finding(
            .ok, "broker", "a private node, run by the service in \(configuration.brokerDirectory)")
    }

    private static func reached(_ configuration: ServiceConfiguration) -> Finding {
        let url = configuration.amqpURL.flatMap { try? ConnectionConfiguration(url: $0.reveal()) }
        return Finding(.ok, "broker", "reached at \(url?.redactedURL ?? "the configured URL")")
    }

    private static func objects(_ check: TopologyCheck) -> [Finding] {
        var findings: [Finding] = []
        if !check.different.isEmpty {
            findings.append(
                Finding(
                    .fail, "topology", "differs from what is needed: \(check.different.joined(separator: "; "))",
                    remediation: "Empty and delete what differs, then run `clawcast topology apply`."))
        }
        if !check.refused.isEmpty {
            findings.append(
                Finding(
                    .fail, "topology", "may not be looked at: \(check.refused.joined(separator: "; "))",
                    remediation: "Give the user the permissions that `clawcast topology export` lists."))
        }
        if !check.missing.isEmpty {
            findings.append(
                Finding(
                    .ok, "topology",
                    "\(check.missing.count) exchanges and queues do not exist yet; `clawcast run` declares them"))
        }
        return findings.isEmpty ? [Finding(.ok, "topology", "exchanges and queues are as they should be")] : findings
    }

    private static func policies(_ topology: Topology) -> Finding {
        Finding(
            .skipped, "policies", "policies and the broker's version cannot be seen over AMQP",
            remediation: "Compare `rabbitmqctl list_policies` with `clawcast topology export`: nothing may set "
                + "max-length, overflow or message-ttl on \(topology.names.jobs).* or the delay queues; 3.10 or later.")
    }
}

/// What makes a node the same node after a restart: its ports, its secrets, and the mark its processes bear.
struct NodeIdentity: Sendable {
    /// A random word in the environment of every process of the node, by which a survivor is recognised.
    let mark: String
    let cookie: String
    let credentials: BrokerCredentials
    var ports: NodePorts

    static func random() throws(LocalBrokerError) -> NodeIdentity {
        NodeIdentity(
            mark: randomWord(),
            cookie: randomWord(),
            // Not `clawcast`: importing the contract's definitions would take that user's password away.
            credentials: BrokerCredentials(username: "clawcast-node", password: randomWord()),
            ports: try .unused()
        )
    }

    /// 128 random bits in hexadecimal: safe in a configuration file, a URL and an environment.
    private static func randomWord() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension NodeIdentity {
    /// Where the node is reached, and how to log in: a secret.
    func amqpURL(virtualHost: String) -> String {
        let path = virtualHost == "/" ? "%2F" : virtualHost
        return "amqp://\(credentials.username):\(credentials.password)@127.0.0.1:\(ports.amqp)/\(path)"
    }

    /// One `name=value` a line.
    var text: String {
        """
        mark=\(mark)
        cookie=\(cookie)
        username=\(credentials.username)
        password=\(credentials.password)
        amqp=\(ports.amqp)
        management=\(ports.management)
        distribution=\(ports.distribution)
        epmd=\(ports.epmd)

        """
    }

    /// Nil where the text is not what `text` writes.
    init?(text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            values[parts[0]] = parts[1]
        }
        func port(_ name: Substring) -> Int? {
            values[name].flatMap { UInt16($0) }.map(Int.init)
        }
        guard let mark = values["mark"], mark.count == 32,
            let cookie = values["cookie"], let username = values["username"], let password = values["password"],
            let amqp = port("amqp"), let management = port("management"),
            let distribution = port("distribution"), let epmd = port("epmd")
        else { return nil }
        self.mark = String(mark)
        self.cookie = String(cookie)
        credentials = BrokerCredentials(username: String(username), password: String(password))
        ports = NodePorts(amqp: amqp, management: management, distribution: distribution, epmd: epmd)
    }
}

import Glibc

/// Where this machine keeps the programs that make up a node.
struct Installation: Sendable {
    /// RabbitMQ's own scripts. The ones in `/usr/sbin` change the user to `rabbitmq` and log to `/var`.
    let serverScripts: String
    let epmd: String
    let erlangCall: String
    let setsid: String

    /// Finds the programs.
    ///
    /// - Throws: `notInstalled`, with the command that installs what is missing.
    static func locate() throws(LocalBrokerError) -> Installation {
        let scripts = "/usr/lib/rabbitmq/bin"
        guard isExecutable("\(scripts)/rabbitmq-server"), isExecutable("\(scripts)/rabbitmqctl") else {
            throw missing("RabbitMQ", package: "rabbitmq-server")
        }
        return Installation(
            serverScripts: scripts,
            epmd: try find("epmd", package: "rabbitmq-server"),
            erlangCall: try find("erl_call", package: "erlang-base"),
            setsid: try find("setsid", package: "util-linux")
        )
    }

    var server: String { "\(serverScripts)/rabbitmq-server" }
    var control: String { "\(serverScripts)/rabbitmqctl" }

    static let searchPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

    private static func find(_ name: String, package: String) throws(LocalBrokerError) -> String {
        for folder in searchPath.split(separator: ":") where isExecutable("\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        throw missing(name, package: package)
    }

    private static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    private static func missing(_ name: String, package: String) -> LocalBrokerError {
        LocalBrokerError(
            .notInstalled,
            "\(name) is not installed. Run `sudo apt-get install \(package)`, or name a running broker in "
                + "CLAWCAST_AMQP_URL."
        )
    }
}

/// One setting of the service, by its name in a configuration file; environment variable and flag follow from it.
enum Setting: String, CaseIterable, Sendable {
    case dataDir
    case amqpUrl
    case amqpUrlFile
    case amqpCaFile
    case amqpCertFile
    case amqpKeyFile
    case amqpServerName
    case namespace
    case http
    case masterKey
    case masterKeyFile
    case ledgerMaxMib
    case concurrency
    case egressAllow
    case egressAllowHttp
    case publicUrl
    case targetQueueType
    case deadLetterRetentionDays
    case retentionDays
    case instance
    case logLevel
    case logFormat

    /// `CLAWCAST_DATA_DIR`
    var environmentName: String { "CLAWCAST_" + words.joined(separator: "_").uppercased() }

    /// `--data-dir`; nil for what must not be an argument, because every user of the machine sees those.
    var flag: String? { isSecret ? nil : "--" + words.joined(separator: "-") }

    /// Whether the value itself is never shown.
    var isSecret: Bool { self == .amqpUrl || self == .masterKey }

    /// What may be given, as the second half of "X must be …".
    var allowed: String {
        switch self {
        case .dataDir: "the path of a folder"
        case .amqpUrl: "an amqp:// or amqps:// URL, such as amqp://user:password@host:5672/vhost"
        case .amqpUrlFile: "the path of a file that holds an amqp:// or amqps:// URL"
        case .amqpCaFile: "the path of a PEM file with the authorities that may vouch for the broker"
        case .amqpCertFile: "the path of a PEM file with this client's certificate, its chain behind it"
        case .amqpKeyFile: "the path of a PEM file with the key of this client's certificate, unencrypted"
        case .amqpServerName: "the name that the broker's certificate must bear"
        case .namespace: "1 to 64 lowercase letters, digits or hyphens"
        case .http: "host:port, such as 127.0.0.1:4005 or [::1]:4005; port 0 takes any that is free"
        case .masterKey: "32 bytes as 64 hexadecimal digits or as Base64"
        case .masterKeyFile: "the path of a file that holds 32 bytes as 64 hexadecimal digits or as Base64"
        case .ledgerMaxMib: "a number of mebibytes from 1 to 16777216"
        case .concurrency: "a number from 1 to 65536"
        case .egressAllow: "a comma-separated list of CIDR blocks, such as 10.0.0.0/8,fd00::/8"
        case .egressAllowHttp: "true or false"
        case .publicUrl: "an http or https URL without a query"
        case .targetQueueType: "quorum or classic"
        case .deadLetterRetentionDays, .retentionDays: "a number of days from 1 to 36500"
        case .instance: "1 to 64 letters, digits, dots, hyphens or underscores"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        case .logFormat: "text or json"
        }
    }

    private var words: [String] {
        var words: [String] = [""]
        for character in rawValue {
            if character.isUppercase { words.append("") }
            words[words.count - 1].append(contentsOf: character.lowercased())
        }
        return words
    }
}

import ArgumentParser

/// The settings of the service that may be given as arguments; each wins over its `CLAWCAST_*` variable and the file.
struct ServiceOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "JSON file of settings, named as in --print-config (CLAWCAST_CONFIG).")
    var configFile: String?
    @Option(help: "Folder of ledger, keys and private broker (CLAWCAST_DATA_DIR).")
    var dataDir: String?
    @Option(
        help: "File with the broker's amqp(s):// URL; without one a private broker is run (CLAWCAST_AMQP_URL_FILE).")
    var amqpUrlFile: String?
    @Option(help: "Authorities that may vouch for an amqps:// broker, in PEM (CLAWCAST_AMQP_CA_FILE).")
    var amqpCaFile: String?
    @Option(help: "This client's certificate for an amqps:// broker, in PEM (CLAWCAST_AMQP_CERT_FILE).")
    var amqpCertFile: String?
    @Option(help: "The key of that certificate, in PEM (CLAWCAST_AMQP_KEY_FILE).")
    var amqpKeyFile: String?
    @Option(help: "Name in the broker's certificate, where it is not its host (CLAWCAST_AMQP_SERVER_NAME).")
    var amqpServerName: String?
    @Option(help: "First word of all names at the broker (CLAWCAST_NAMESPACE).")
    var namespace: String?
    @Option(help: "Where the API listens, as host:port (CLAWCAST_HTTP).")
    var http: String?
    @Option(help: "File with the key that seals credentials (CLAWCAST_MASTER_KEY_FILE).")
    var masterKeyFile: String?
    @Option(help: "What the ledger's file may grow to, in MiB (CLAWCAST_LEDGER_MAX_MIB).")
    var ledgerMaxMib: Int?
    @Option(help: "Attempts in flight at once (CLAWCAST_CONCURRENCY).")
    var concurrency: Int?
    @Option(help: "Non-public networks that may be delivered to, as CIDR,CIDR (CLAWCAST_EGRESS_ALLOW).")
    var egressAllow: String?
    @Flag(inversion: .prefixedNo, help: "Deliver over plain http to public addresses (CLAWCAST_EGRESS_ALLOW_HTTP).")
    var egressAllowHttp: Bool?
    @Option(help: "Base of published links (CLAWCAST_PUBLIC_URL).")
    var publicUrl: String?
    @Option(help: "Kind of new targets' queues, quorum or classic (CLAWCAST_TARGET_QUEUE_TYPE).")
    var targetQueueType: String?
    @Option(help: "Days for which dead letters and delivered bytes are kept (CLAWCAST_DEAD_LETTER_RETENTION_DAYS).")
    var deadLetterRetentionDays: Int?
    @Option(help: "Days for which plans are kept after their end (CLAWCAST_RETENTION_DAYS).")
    var retentionDays: Int?
    @Option(help: "This installation's name in its events (CLAWCAST_INSTANCE).")
    var instance: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical (CLAWCAST_LOG_LEVEL).")
    var logLevel: String?
    @Option(help: "text or json (CLAWCAST_LOG_FORMAT).")
    var logFormat: String?

    /// - Throws: ``ConfigurationError``.
    func load(environment: [String: String]) throws(ConfigurationError) -> ServiceConfiguration {
        let texts: [(Setting, String?)] = [
            (.dataDir, dataDir), (.amqpUrlFile, amqpUrlFile), (.amqpCaFile, amqpCaFile),
            (.amqpCertFile, amqpCertFile), (.amqpKeyFile, amqpKeyFile), (.amqpServerName, amqpServerName),
            (.namespace, namespace), (.http, http),
            (.masterKeyFile, masterKeyFile), (.publicUrl, publicUrl), (.targetQueueType, targetQueueType),
            (.instance, instance), (.logLevel, logLevel), (.logFormat, logFormat),
        ]
        var flags: [Setting: FlagValue] = [:]
        for (setting, text) in texts { flags[setting] = text.map(FlagValue.text) }
        flags[.ledgerMaxMib] = ledgerMaxMib.map(FlagValue.number)
        flags[.concurrency] = concurrency.map(FlagValue.number)
        flags[.deadLetterRetentionDays] = deadLetterRetentionDays.map(FlagValue.number)
        flags[.retentionDays] = retentionDays.map(FlagValue.number)
        flags[.egressAllowHttp] = egressAllowHttp.map(FlagValue.truth)
        flags[.egressAllow] = egressAllow.map { .list($0.split(separator: ",").map { String($0).trimmed }) }
        return try ServiceConfiguration.load(flags: flags, environment: environment, file: configFile)
    }
}

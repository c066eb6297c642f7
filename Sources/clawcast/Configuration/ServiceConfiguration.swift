import BrokerRabbitMQ
import Distribution
import Egress
import Logging

/// Everything that an operator may set about the service, checked.
struct ServiceConfiguration: Sendable {
    /// The absolute path of the folder of ledger, keys and private broker.
    var dataDirectory: String
    /// Nil where the service is to run a private broker of its own. Files for TLS and the name in the broker's
    /// certificate are in its query, wherever they were set.
    var amqpURL: Secret?
    var namespace: BrokerNamespace
    var http: ListenAddress
    /// The key under which credentials are sealed; at most one of this and ``masterKeyFile`` is set.
    var masterKey: Secret?
    /// A file that holds the key; where neither is set, ``standardMasterKeyFile`` is made on first start.
    var masterKeyFile: String?
    /// What the ledger's file may grow to; nil for what the disk holds.
    var ledgerMaximumMebibytes: Int?
    /// Attempts in flight at once over all targets.
    var concurrency: Int
    /// Address blocks to which deliveries may go although they are not public.
    var egressAllow: [CIDR]
    /// Whether plain http may go to public addresses.
    var egressAllowHTTP: Bool
    /// The base of the links in what is published, without a slash at its end.
    var publicURL: String?
    var targetQueueType: QueueType
    /// Days for which dead letters, and the bytes of jobs that have ended, are kept.
    var deadLetterRetentionDays: Int
    /// Days for which plans are kept after their end; their dead letters go with them.
    var retentionDays: Int
    /// Names this installation as the source of its events.
    var instance: String
    var logLevel: Logger.Level
    var logFormat: LogFormat
    /// Where each value comes from; what is missing is the default.
    var origins: [Setting: SettingOrigin] = [:]

    init(
        dataDirectory: String, amqpURL: Secret? = nil, namespace: BrokerNamespace = .standard,
        http: ListenAddress = .standard, masterKey: Secret? = nil, masterKeyFile: String? = nil, concurrency: Int = 256,
        egressAllow: [CIDR] = [], egressAllowHTTP: Bool = false, publicURL: String? = nil,
        targetQueueType: QueueType = .quorum, deadLetterRetentionDays: Int = 14, retentionDays: Int = 90,
        instance: String = "clawcast", logLevel: Logger.Level = .info,
        logFormat: LogFormat = .text
    ) {
        self.dataDirectory = dataDirectory
        self.amqpURL = amqpURL
        self.namespace = namespace
        self.http = http
        self.masterKey = masterKey
        self.masterKeyFile = masterKeyFile
        self.concurrency = concurrency
        self.egressAllow = egressAllow
        self.egressAllowHTTP = egressAllowHTTP
        self.publicURL = publicURL
        self.targetQueueType = targetQueueType
        self.deadLetterRetentionDays = deadLetterRetentionDays
        self.retentionDays = retentionDays
        self.instance = instance
        self.logLevel = logLevel
        self.logFormat = logFormat
    }
}

extension ServiceConfiguration {
    var ledgerFile: String { dataDirectory + "/ledger.sqlite" }
    var standardMasterKeyFile: String { dataDirectory + "/master.key" }
    var adminKeyFile: String { dataDirectory + "/admin-key" }
    var brokerDirectory: String { dataDirectory + "/broker" }
}

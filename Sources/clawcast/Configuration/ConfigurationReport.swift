import AMQP
import BrokerRabbitMQ
import Distribution
import Egress
import Logging

/// The settings as they are in force and where each comes from; no secret is in it.
struct ConfigurationReport {
    struct Line: Sendable, Hashable {
        let setting: Setting
        let value: String
        let origin: SettingOrigin
    }

    let lines: [Line]

    init(_ configuration: ServiceConfiguration) {
        lines = Setting.allCases.compactMap { setting in
            Self.value(of: setting, in: configuration).map {
                Line(setting: setting, value: $0, origin: configuration.origins[setting] ?? .standard)
            }
        }
    }

    var table: Table {
        var table = Table([
            .init(title: "SETTING"), .init(title: "VARIABLE"), .init(title: "VALUE"), .init(title: "FROM"),
        ])
        for line in lines {
            table.add([
                .init(line.setting.rawValue), .init(line.setting.environmentName, .dim), .init(line.value, .bold),
                .init("\(line.origin)", line.origin == .standard ? .dim : nil),
            ])
        }
        return table
    }

    /// Nil where the setting says nothing that another does not say.
    private static func value(of setting: Setting, in configuration: ServiceConfiguration) -> String? {
        switch setting {
        case .dataDir: configuration.dataDirectory
        case .amqpUrl:
            configuration.origins[.amqpUrlFile] == nil ? brokerURL(of: configuration) : nil
        case .amqpUrlFile:
            configuration.origins[.amqpUrlFile] == nil ? nil : brokerURL(of: configuration)
        case .amqpCaFile: connection(of: configuration)?.tls?.caFile
        case .amqpCertFile: connection(of: configuration)?.tls?.certificateFile
        case .amqpKeyFile: connection(of: configuration)?.tls?.privateKeyFile
        case .amqpServerName: connection(of: configuration)?.tls?.serverName
        case .namespace: configuration.namespace.rawValue
        case .http: configuration.http.description
        case .masterKey: configuration.masterKey?.description
        case .masterKeyFile:
            configuration.masterKey == nil
                ? configuration.masterKeyFile ?? configuration.standardMasterKeyFile : nil
        case .ledgerMaxMib: configuration.ledgerMaximumMebibytes.map(String.init) ?? "what the disk holds"
        case .concurrency: String(configuration.concurrency)
        case .egressAllow:
            configuration.egressAllow.isEmpty
                ? "public addresses only" : configuration.egressAllow.map(\.description).joined(separator: ",")
        case .egressAllowHttp: String(configuration.egressAllowHTTP)
        case .publicUrl: configuration.publicURL ?? ""
        case .targetQueueType: configuration.targetQueueType.rawValue
        case .deadLetterRetentionDays: String(configuration.deadLetterRetentionDays)
        case .retentionDays: String(configuration.retentionDays)
        case .instance: configuration.instance
        case .logLevel: configuration.logLevel.rawValue
        case .logFormat: configuration.logFormat.rawValue
        }
    }

    private static func brokerURL(of configuration: ServiceConfiguration) -> String {
        guard let secret = configuration.amqpURL else { return "private broker in \(configuration.brokerDirectory)" }
        return connection(of: configuration)?.redactedURL ?? secret.description
    }

    private static func connection(of configuration: ServiceConfiguration) -> ConnectionConfiguration? {
        configuration.amqpURL.flatMap { try? ConnectionConfiguration(url: $0.reveal()) }
    }
}

extension ConnectionConfiguration {
    /// The URL without its password, and without its query, which may name keys.
    var redactedURL: String {
        let scheme = tls == nil ? "amqp" : "amqps"
        let authority = host.contains(":") ? "[\(host)]" : host
        let path = virtualHost == "/" ? "%2F" : virtualHost
        return "\(scheme)://\(username):\(Secret(password))@\(authority):\(port)/\(path)"
    }
}

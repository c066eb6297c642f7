import AMQP
import BrokerRabbitMQ
import Distribution
import Egress
import Logging
import Sealing

extension ServiceConfiguration {
    /// Reads every setting from where it is set most strongly: flags, then `CLAWCAST_*` variables, then the file.
    ///
    /// Nothing is created and no key is opened.
    ///
    /// - Parameter file: the path given by `--config`; else `CLAWCAST_CONFIG` names one.
    /// - Throws: ``ConfigurationError`` with all that is wrong.
    static func load(
        flags: [Setting: FlagValue] = [:], environment: [String: String], file: String? = nil
    ) throws(ConfigurationError) -> ServiceConfiguration {
        let path = file ?? environment["CLAWCAST_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let contents = try path.map { (path) throws(ConfigurationError) in try ConfigurationFile.read(path) }
        let layers = try SettingsLayers(flags: flags, environment: environment, file: contents)
        var loader = Loader(layers: layers)
        let configuration = loader.configuration(environment: environment)
        guard loader.problems.isEmpty else { throw ConfigurationError(loader.problems) }
        return configuration
    }

    /// Goes through the settings one by one, and goes on after a bad one.
    private struct Loader {
        let layers: SettingsLayers
        var problems: [String] = []
        var origins: [Setting: SettingOrigin] = [:]

        mutating func configuration(environment: [String: String]) -> ServiceConfiguration {
            var result = ServiceConfiguration(dataDirectory: FilePaths.standardDataDirectory(environment))
            if let folder = text(.dataDir, { $0 }) { result.dataDirectory = FilePaths.absolute(folder) }
            result.amqpURL = amqpURL()
            if let namespace = text(.namespace, BrokerNamespace.init(rawValue:)) { result.namespace = namespace }
            if let address = text(.http, ListenAddress.init(_:)) { result.http = address }
            result.masterKey = text(.masterKey) { (try? MasterKey(text: $0)).map { Secret($0.reveal()) } }
            result.masterKeyFile = text(.masterKeyFile, { $0 }).map(FilePaths.absolute)
            result.ledgerMaximumMebibytes = found(.ledgerMaxMib, layers.integer) {
                (1...16_777_216).contains($0) ? $0 : nil
            }
            if let number = found(.concurrency, layers.integer, { (1...65_536).contains($0) ? $0 : nil }) {
                result.concurrency = number
            }
            if let blocks = found(.egressAllow, layers.strings, Self.blocks) { result.egressAllow = blocks }
            if let allows = found(.egressAllowHttp, layers.bool, { $0 }) { result.egressAllowHTTP = allows }
            result.publicURL = text(.publicUrl, Self.publicURL)
            if let type = text(.targetQueueType, QueueType.init(rawValue:)) { result.targetQueueType = type }
            if let days = days(.deadLetterRetentionDays) { result.deadLetterRetentionDays = days }
            if let days = days(.retentionDays) { result.retentionDays = days }
            result.instance = text(.instance, Self.instance) ?? Self.instance(Host.name()) ?? result.instance
            if let level = text(.logLevel, Logger.Level.init(rawValue:)) { result.logLevel = level }
            if let format = text(.logFormat, LogFormat.init(rawValue:)) { result.logFormat = format }
            refuseTwice(.masterKey, .masterKeyFile)
            result.origins = origins
            return result
        }

        private mutating func amqpURL() -> Secret? {
            let direct = text(.amqpUrl) { $0 }
            let fromFile = text(.amqpUrlFile) { ConfigurationFile.firstLine(of: FilePaths.absolute($0)) }
            refuseTwice(.amqpUrl, .amqpUrlFile)
            let setting = direct == nil ? Setting.amqpUrlFile : .amqpUrl
            let url = (direct ?? fromFile).flatMap { brokerURL($0, of: setting) }
            return withTLS(url)
        }

        private mutating func brokerURL(_ url: String, of setting: Setting) -> String? {
            do throws(AMQPError) {
                _ = try ConnectionConfiguration(url: url)
                return url
            } catch {
                let origin = origins[setting] ?? .standard
                problems += ConfigurationError(setting, from: origin).problems.map { "\($0) \(error)" }
                return nil
            }
        }

        /// The broker's URL with what the settings say about TLS at the end of its query, where it counts.
        private mutating func withTLS(_ url: String?) -> Secret? {
            let settings: [(setting: Setting, name: String)] = [
                (.amqpCaFile, "cacertfile"), (.amqpCertFile, "certfile"), (.amqpKeyFile, "keyfile"),
                (.amqpServerName, "server_name_indication"),
            ]
            var query: [String] = []
            for (setting, name) in settings {
                guard let value = text(setting, { setting == .amqpServerName ? $0 : FilePaths.absolute($0) }) else {
                    continue
                }
                query.append("\(name)=\(PercentEncoding.ofQueryValue(value))")
            }
            guard !query.isEmpty else { return url.map { Secret($0) } }
            guard let url, url.lowercased().hasPrefix("amqps://") else {
                for setting in settings.map(\.setting) {
                    guard let origin = origins[setting] else { continue }
                    problems.append("\(origin.name(of: setting)) needs a broker's URL that begins with amqps://.")
                }
                return nil
            }
            let base = url.prefix { $0 != "#" }
            return Secret("\(base)\(base.contains("?") ? "&" : "?")\(query.joined(separator: "&"))")
        }

        private mutating func refuseTwice(_ first: Setting, _ second: Setting) {
            guard let one = origins[first], let other = origins[second] else { return }
            problems.append("Set either \(one.name(of: first)) or \(other.name(of: second)), not both.")
        }

        private mutating func text<Value>(_ setting: Setting, _ convert: (String) -> Value?) -> Value? {
            found(setting, layers.string) { $0.isEmpty ? nil : convert($0) }
        }

        private mutating func days(_ setting: Setting) -> Int? {
            found(setting, layers.integer) { (1...36_500).contains($0) ? $0 : nil }
        }

        private mutating func found<Raw, Value>(
            _ setting: Setting, _ find: (Setting) throws(ConfigurationError) -> SettingsLayers.Found<Raw>?,
            _ convert: (Raw) -> Value?
        ) -> Value? {
            do throws(ConfigurationError) {
                guard let found = try find(setting) else { return nil }
                origins[setting] = found.origin
                guard let value = convert(found.value) else {
                    throw ConfigurationError(setting, from: found.origin)
                }
                return value
            } catch {
                problems += error.problems
                return nil
            }
        }

        private static func blocks(_ texts: [String]) -> [CIDR]? {
            let blocks = texts.filter { !$0.isEmpty }.map { try? CIDR($0) }
            return blocks.contains(nil) ? nil : blocks.compactMap(\.self)
        }

        private static func publicURL(_ text: String) -> String? {
            guard let url = try? OutboundURL(text), !url.target.contains("?") else { return nil }
            let whole = url.description
            return whole.hasSuffix("/") ? String(whole.dropLast()) : whole
        }

        private static func instance(_ text: String) -> String? {
            let isPlain = text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                    || scalar == "." || scalar == "-" || scalar == "_"
            }
            return (1...64).contains(text.utf8.count) && isPlain ? text : nil
        }
    }
}

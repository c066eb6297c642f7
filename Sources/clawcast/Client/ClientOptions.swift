import ArgumentParser
import Distribution
import Egress

/// How a command finds the service and who it is to it.
struct ClientOptions: ParsableArguments {
    @Option(help: "Address of the API, as host:port or URL (default: CLAWCAST_HTTP, else 127.0.0.1:4005).")
    var api: String?

    @Option(help: "File with the API key (default: CLAWCAST_API_KEY, else admin-key in the data folder).")
    var keyFile: String?

    @Option(help: "Domain on whose behalf to act (default: CLAWCAST_DOMAIN; the admin key takes 1).")
    var domain: Int64?

    @Option(help: "Data folder of the service, where its admin key is found.")
    var dataDir: String?

    @Flag(help: "Print the API's JSON as it came.")
    var json = false

    func validate() throws {
        if let domain, domain < 1 { throw ValidationError("--domain must be a whole number from 1.") }
        if let api, Self.origin(api) == nil {
            throw ValidationError("--api must be host:port or an http(s) URL without a path.")
        }
    }

    /// - Throws: ``ConfigurationError`` or ``CommandFailure``.
    func open(environment: [String: String]) throws -> Session {
        let flags = dataDir.map { [Setting.dataDir: FlagValue.text($0)] } ?? [:]
        let configuration = try ServiceConfiguration.load(flags: flags, environment: environment)
        guard let origin = Self.origin(api ?? configuration.http.url) else {
            throw CommandFailure("The address of the API cannot be used.", remediation: "Name it with --api.")
        }
        let (key, isAdministrator) = try key(configuration, environment)
        let client = try APIClient(
            origin: origin, key: key, domain: try domain(environment) ?? (isAdministrator ? 1 : nil))
        return Session(
            api: client, output: .output(environment), diagnostics: .diagnostics(environment), wantsJSON: json)
    }

    private func key(
        _ configuration: ServiceConfiguration, _ environment: [String: String]
    ) throws -> (key: Secret, isAdministrator: Bool) {
        if let keyFile {
            guard let key = ConfigurationFile.firstLine(of: keyFile) else {
                throw CommandFailure("\(keyFile) holds no API key or cannot be read.")
            }
            return (Secret(key), false)
        }
        if let key = environment["CLAWCAST_API_KEY"]?.trimmed, !key.isEmpty { return (Secret(key), false) }
        let path = configuration.adminKeyFile
        guard let key = ConfigurationFile.firstLine(of: path) else {
            throw CommandFailure(
                "There is no API key: \(path) is missing or cannot be read.",
                remediation: "`clawcast run` writes it on its first start; "
                    + "else set CLAWCAST_API_KEY, --key-file or --data-dir.")
        }
        return (Secret(key), true)
    }

    private func domain(_ environment: [String: String]) throws -> Int64? {
        if let domain { return domain }
        guard let text = environment["CLAWCAST_DOMAIN"], !text.isEmpty else { return nil }
        guard let number = Int64(text), number >= 1 else {
            throw ConfigurationError(["CLAWCAST_DOMAIN must be a whole number from 1."])
        }
        return number
    }

    private static func origin(_ text: String) -> OutboundURL? {
        guard let url = try? OutboundURL(text.contains("://") ? text : "http://" + text), url.target == "/" else {
            return nil
        }
        return url
    }
}

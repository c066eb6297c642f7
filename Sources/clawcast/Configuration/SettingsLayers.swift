import Configuration
import FoundationEssentials

/// The places where a setting may stand, asked from the strongest to the weakest.
///
/// The providers are asked one by one and not through a `ConfigReader`, which forgets who answered, and takes the default
/// where the strongest answer cannot be read.
struct SettingsLayers {
    /// A value in one of the types that every place can hold.
    struct Found<Value> {
        let value: Value
        let origin: SettingOrigin
    }

    private struct Layer {
        let origin: SettingOrigin
        let prefix: [String]
        let snapshot: any ConfigSnapshot
    }

    private let layers: [Layer]

    /// - Parameters:
    ///   - flags: what was given as arguments.
    ///   - file: the configuration file's path and contents.
    init(
        flags: [Setting: FlagValue], environment: [String: String], file: (path: String, bytes: [UInt8])?
    ) throws(ConfigurationError) {
        let values = flags.map { setting, flag in (AbsoluteConfigKey([setting.rawValue]), flag.configValue) }
        // A variable that is set to nothing counts as not set, as compose files and shells leave many behind.
        let filled = environment.filter { !$0.value.isEmpty }
        var layers = [
            Layer(
                origin: .flag, prefix: [],
                snapshot: InMemoryProvider(values: Dictionary(values) { $1 }).snapshot()),
            Layer(
                origin: .environment, prefix: ["clawcast"],
                snapshot: EnvironmentVariablesProvider(environmentVariables: filled).snapshot()),
        ]
        if let file {
            layers.append(Layer(origin: .file(path: file.path), prefix: [], snapshot: try Self.snapshot(of: file)))
        }
        self.layers = layers
    }

    func string(_ setting: Setting) throws(ConfigurationError) -> Found<String>? {
        try find(setting, .string) { if case .string(let value) = $0 { value } else { nil } }
    }

    func integer(_ setting: Setting) throws(ConfigurationError) -> Found<Int>? {
        try find(setting, .int) { if case .int(let value) = $0 { value } else { nil } }
    }

    func bool(_ setting: Setting) throws(ConfigurationError) -> Found<Bool>? {
        try find(setting, .bool) { if case .bool(let value) = $0 { value } else { nil } }
    }

    func strings(_ setting: Setting) throws(ConfigurationError) -> Found<[String]>? {
        try find(setting, .stringArray) { if case .stringArray(let value) = $0 { value } else { nil } }
    }

    private func find<Value>(
        _ setting: Setting, _ type: ConfigType, _ unwrap: (ConfigContent) -> Value?
    ) throws(ConfigurationError) -> Found<Value>? {
        for layer in layers {
            let key = AbsoluteConfigKey(layer.prefix + [setting.rawValue])
            guard let answer = try? layer.snapshot.value(forKey: key, type: type) else {
                throw ConfigurationError(setting, from: layer.origin)
            }
            guard let content = answer.value?.content else { continue }
            guard let value = unwrap(content) else { throw ConfigurationError(setting, from: layer.origin) }
            return Found(value: value, origin: layer.origin)
        }
        return nil
    }

    private static func snapshot(
        of file: (path: String, bytes: [UInt8])
    ) throws(ConfigurationError) -> any ConfigSnapshot {
        do {
            return try JSONSnapshot(data: file.bytes.span.bytes, providerName: file.path, parsingOptions: .default)
        } catch {
            throw ConfigurationError(["\(file.path) must be a JSON object of settings."])
        }
    }
}

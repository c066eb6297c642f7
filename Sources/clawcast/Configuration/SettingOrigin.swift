/// Where the value of a setting comes from, the strongest first.
enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case flag
    case environment
    case file(path: String)
    case standard

    var description: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file(let path): path
        case .standard: "default"
        }
    }

    /// The setting as whoever set it there would write it.
    func name(of setting: Setting) -> String {
        switch self {
        case .flag: setting.flag ?? setting.environmentName
        case .environment, .standard: setting.environmentName
        case .file(let path): "\(setting.rawValue) in \(path)"
        }
    }
}

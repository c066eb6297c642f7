import Configuration

/// The value of a setting that was given as an argument.
enum FlagValue: Sendable, Hashable {
    case text(String)
    case number(Int)
    case truth(Bool)
    case list([String])

    var configValue: ConfigValue {
        switch self {
        case .text(let value): ConfigValue(.string(value), isSecret: false)
        case .number(let value): ConfigValue(.int(value), isSecret: false)
        case .truth(let value): ConfigValue(.bool(value), isSecret: false)
        case .list(let values): ConfigValue(.stringArray(values), isSecret: false)
        }
    }
}

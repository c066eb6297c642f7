import Distribution

/// The JSON file of settings, by the names of ``Setting``.
enum ConfigurationFile {
    static let maximumSize = 1 << 20

    /// The file's bytes, once it is known to hold nothing but settings.
    static func read(_ path: String) throws(ConfigurationError) -> (path: String, bytes: [UInt8]) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(path, maximumSize: maximumSize)
        } catch {
            throw ConfigurationError(["The configuration file cannot be read: \(error)"])
        }
        let value: JSON
        do throws(JSONSyntaxError) {
            value = try JSON.parse(bytes)
        } catch {
            throw ConfigurationError(["\(path) must be a JSON object of settings: \(error)"])
        }
        guard let object = value.objectValue else {
            throw ConfigurationError(["\(path) must be a JSON object of settings."])
        }
        let unknown = object.members.map(\.name).filter { Setting(rawValue: $0) == nil }
        guard unknown.isEmpty else {
            let known = Setting.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(unknown.map { "\(path) has no setting \"\($0)\"; there are \(known)." })
        }
        return (path, bytes)
    }

    /// The first line of a file that holds a secret, without blanks around it; nil where there is none.
    static func firstLine(of path: String) -> String? {
        guard let bytes = try? Files.read(path, maximumSize: 65_536) else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let text = String(decoding: line, as: UTF8.self).trimmed
        return text.isEmpty ? nil : text
    }
}

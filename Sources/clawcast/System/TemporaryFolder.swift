import FoundationEssentials
import Glibc

/// A folder of this process alone, to be removed when it is done.
struct TemporaryFolder: Sendable {
    let path: String

    init(prefix: String) throws(FileError) {
        let base = Environment.variables["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        let pattern = "\(base)/\(prefix).XXXXXX"
        var template = pattern.utf8CString.map(\.self)
        guard mkdtemp(&template) != nil else { throw FileError(path: pattern, code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder with all that is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

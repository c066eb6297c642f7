import Glibc

/// Where things stand on this machine.
enum FilePaths {
    /// `$XDG_DATA_HOME/clawcast`, else `~/.local/share/clawcast` (XDG Base Directory Specification).
    static func standardDataDirectory(_ environment: [String: String]) -> String {
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base + "/clawcast" }
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/root"
        return home + "/.local/share/clawcast"
    }

    /// The path from the root, as seen from the working directory; nothing is looked up.
    static func absolute(_ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : workingDirectory() + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func workingDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }
}

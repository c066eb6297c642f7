import Distribution
import Logging

/// `{"time":"…","level":"info","message":"Ready.","logger":"clawcast","api":"http://127.0.0.1:4005"}`
struct JSONLogLayout: LogLayout {
    private static let reserved: Set<String> = ["time", "level", "message", "logger"]

    func line(_ entry: LogEntry) -> String {
        var object: JSONObject = [
            "time": .string(entry.time), "level": .string(entry.level.rawValue), "message": .string(entry.message),
            "logger": .string(entry.label),
        ]
        for (key, value) in entry.data {
            object[Self.reserved.contains(key) ? "data.\(key)" : key] = Self.json(value)
        }
        return JSON.object(object).compactText
    }

    private static func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): .string(text)
        // A type that keeps its contents to itself, such as a secret, does so here too.
        case .stringConvertible(let thing): .string(thing.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members): .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0, json($1)) }))
        }
    }
}

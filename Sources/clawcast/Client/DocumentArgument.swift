import Distribution

/// JSON that a person hands over: in a file, on standard input or, where it is short, as the argument itself.
enum DocumentArgument {
    static let maximumSize = 2 << 20

    /// The bytes of a file, or of standard input for `-`.
    static func bytes(of path: String) throws(CommandFailure) -> [UInt8] {
        do throws(FileError) {
            return path == "-"
                ? try Files.readStandardInput(maximumSize: maximumSize)
                : try Files.read(path, maximumSize: maximumSize)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// An object given as JSON text, or as `@file`.
    static func object(_ argument: String, option: String) throws(CommandFailure) -> JSONObject {
        let bytes = argument.hasPrefix("@") ? try bytes(of: String(argument.dropFirst())) : Array(argument.utf8)
        do throws(JSONSyntaxError) {
            if let object = try JSON.parse(bytes).objectValue { return object }
        } catch {
            throw CommandFailure("\(option) is not valid JSON: \(error)", exitCode: 2)
        }
        throw CommandFailure("\(option) must be a JSON object.", exitCode: 2)
    }
}

import ArgumentParser
import Distribution

/// Where a secret is read from: never an argument, which every user of the machine can see.
struct SecretSource: ParsableArguments {
    @Option(help: "File whose first line is the signing secret (whsec_…).")
    var secretFile: String?

    @Flag(help: "Read the signing secret from standard input.")
    var secretStdin = false

    func validate() throws {
        if secretFile != nil, secretStdin {
            throw ValidationError("Give either --secret-file or --secret-stdin, not both.")
        }
    }

    /// Nil where none is given.
    func read() throws -> Secret? {
        if let secretFile {
            guard let text = ConfigurationFile.firstLine(of: secretFile) else {
                throw CommandFailure("\(secretFile) holds no secret or cannot be read.")
            }
            return Secret(text)
        }
        guard secretStdin else { return nil }
        let bytes = try Files.readStandardInput(maximumSize: 65_536)
        let text = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).trimmed
        guard !text.isEmpty else { throw CommandFailure("Standard input holds no secret.") }
        return Secret(text)
    }
}

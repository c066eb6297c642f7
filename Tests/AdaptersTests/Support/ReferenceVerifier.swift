import Foundation
import LocalReceiver

/// The reference implementation of Standard Webhooks (PyPI `standardwebhooks`), which knows nothing of this code.
enum ReferenceVerifier {
    private static let script = """
        import json, sys
        from standardwebhooks import Webhook, WebhookVerificationError
        case = json.load(sys.stdin)
        try:
            Webhook(case["secret"]).verify(case["body"], case["headers"], json_parse=False)
            print("valid")
        except WebhookVerificationError as error:
            print(f"invalid: {error}")
        """

    private struct Case: Encodable {
        let secret: String
        let body: String
        let headers: [String: String]
    }

    /// What it says of a request as it was received: `valid`, or `invalid: ` and why.
    ///
    /// - Throws: where Python or the package is missing; `deploy/test` installs it.
    static func verdict(on request: ReceivedRequest, body: [UInt8]? = nil, secret: String) throws -> String {
        let headers = Dictionary(request.headers, uniquingKeysWith: { first, _ in first })
        let text = String(decoding: body ?? request.body, as: UTF8.self)
        return try run(JSONEncoder().encode(Case(secret: secret, body: text, headers: headers)))
    }

    private static func run(_ input: Data) throws -> String {
        let process = Process()
        let environment = FileManager.default.currentDirectoryPath + "/.build/python/bin/python"
        let isInstalled = FileManager.default.isExecutableFile(atPath: environment)
        process.executableURL = URL(fileURLWithPath: isInstalled ? environment : "/usr/bin/python3")
        process.arguments = ["-c", script]
        let stdin = Pipe()
        let stdout = Pipe()
        let stderr = Pipe()
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try stderr.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(reason: String(decoding: complaint, as: UTF8.self)) }
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    struct Failure: Error {
        let reason: String
    }
}

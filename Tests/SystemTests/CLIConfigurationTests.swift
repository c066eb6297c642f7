import BrokerRabbitMQ
import Distribution
import Testing

@testable import clawcast

@Suite("Configuration of the service")
struct CLIConfigurationTests {
    private let home = ["HOME": "/home/ada"]

    @Test func `defaults stand where nothing is set`() throws {
        let configuration = try ServiceConfiguration.load(environment: home)
        #expect(configuration.dataDirectory == "/home/ada/.local/share/clawcast")
        #expect(configuration.http == ListenAddress(host: "127.0.0.1", port: 4005))
        #expect(configuration.concurrency == 256)
        #expect(configuration.amqpURL == nil)
        #expect(configuration.namespace.rawValue == "distribution")
        #expect(configuration.origins.isEmpty)
    }

    @Test func `XDG_DATA_HOME names the place of the data folder`() throws {
        let configuration = try ServiceConfiguration.load(environment: ["HOME": "/h", "XDG_DATA_HOME": "/data"])
        #expect(configuration.dataDirectory == "/data/clawcast")
    }

    @Test func `a flag wins over the environment, and that over the file`() throws {
        let folder = try TemporaryFolder(prefix: "clawcast-test")
        defer { folder.remove() }
        let file = folder.path + "/settings.json"
        try write(
            #"{"concurrency": 1, "namespace": "file", "instance": "file", "egressAllow": ["10.0.0.0/8"]}"#, to: file)
        let environment = home.merging(["CLAWCAST_NAMESPACE": "environment", "CLAWCAST_CONCURRENCY": "2"]) { $1 }
        let configuration = try ServiceConfiguration.load(
            flags: [.concurrency: .number(3)], environment: environment, file: file)
        #expect(configuration.concurrency == 3)
        #expect(configuration.namespace.rawValue == "environment")
        #expect(configuration.instance == "file")
        #expect(configuration.egressAllow.map { "\($0)" } == ["10.0.0.0/8"])
        #expect(configuration.origins[.concurrency] == .flag)
        #expect(configuration.origins[.namespace] == .environment)
        #expect(configuration.origins[.instance] == .file(path: file))
    }

    @Test func `an empty variable counts as not set`() throws {
        let configuration = try ServiceConfiguration.load(environment: home.merging(["CLAWCAST_HTTP": ""]) { $1 })
        #expect(configuration.http == .standard)
        #expect(configuration.origins[.http] == nil)
    }

    @Test(arguments: [
        ("CLAWCAST_CONCURRENCY", "many"), ("CLAWCAST_CONCURRENCY", "0"), ("CLAWCAST_HTTP", "4005"),
        ("CLAWCAST_HTTP", "host:70000"), ("CLAWCAST_NAMESPACE", "Capital"), ("CLAWCAST_EGRESS_ALLOW", "10.0.0.1/8"),
        ("CLAWCAST_EGRESS_ALLOW_HTTP", "perhaps"), ("CLAWCAST_PUBLIC_URL", "ftp://x"),
        ("CLAWCAST_TARGET_QUEUE_TYPE", "stream"), ("CLAWCAST_LOG_LEVEL", "loud"), ("CLAWCAST_LOG_FORMAT", "xml"),
        ("CLAWCAST_INSTANCE", "a b"), ("CLAWCAST_AMQP_URL", "http://x"), ("CLAWCAST_MASTER_KEY", "short"),
    ])
    func `a bad value is refused in a sentence that names it`(name: String, value: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ServiceConfiguration.load(environment: home.merging([name: value]) { $1 })
        }
        #expect(error.problems.count == 1)
        #expect(error.description.hasPrefix("\(name) must be "))
    }

    @Test func `all bad values are told at once`() throws {
        let environment = home.merging(["CLAWCAST_HTTP": "x", "CLAWCAST_LOG_LEVEL": "loud"]) { $1 }
        let error = try #require(throws: ConfigurationError.self) {
            try ServiceConfiguration.load(environment: environment)
        }
        #expect(error.problems.count == 2)
    }

    @Test func `a value of the wrong type is not passed over for the default`() throws {
        let folder = try TemporaryFolder(prefix: "clawcast-test")
        defer { folder.remove() }
        let file = folder.path + "/settings.json"
        try write(#"{"concurrency": "256"}"#, to: file)
        let error = try #require(throws: ConfigurationError.self) {
            try ServiceConfiguration.load(environment: home, file: file)
        }
        #expect(error.description.hasPrefix("concurrency in \(file) must be a number"))
    }

    @Test func `a mistyped name in the file is refused`() throws {
        let folder = try TemporaryFolder(prefix: "clawcast-test")
        defer { folder.remove() }
        let file = folder.path + "/settings.json"
        try write(#"{"concurency": 1}"#, to: file)
        let error = try #require(throws: ConfigurationError.self) {
            try ServiceConfiguration.load(environment: home, file: file)
        }
        #expect(error.description.contains(#"no setting "concurency""#))
    }

    @Test func `a key and a key file exclude each other`() throws {
        let environment = home.merging(
            ["CLAWCAST_MASTER_KEY": String(repeating: "ab", count: 32), "CLAWCAST_MASTER_KEY_FILE": "/k"]) { $1 }
        let error = try #require(throws: ConfigurationError.self) {
            try ServiceConfiguration.load(environment: environment)
        }
        #expect(error.description.contains("not both"))
    }

    @Test func `the broker's URL can be read from a file`() throws {
        let folder = try TemporaryFolder(prefix: "clawcast-test")
        defer { folder.remove() }
        let file = folder.path + "/url"
        try write("amqp://ada:secret@rabbit/\n", to: file)
        let configuration = try ServiceConfiguration.load(
            flags: [.amqpUrlFile: .text(file)], environment: home)
        #expect(configuration.amqpURL?.reveal() == "amqp://ada:secret@rabbit/")
    }

    @Test func `the report names every origin and shows no secret`() throws {
        let key = String(repeating: "ab", count: 32)
        let environment = home.merging(
            ["CLAWCAST_AMQP_URL": "amqp://ada:hush@rabbit:5673/v", "CLAWCAST_MASTER_KEY": key]) { $1 }
        let configuration = try ServiceConfiguration.load(
            flags: [.http: .text("[::1]:0")], environment: environment)
        let report = ConfigurationReport(configuration)
        let lines = Dictionary(uniqueKeysWithValues: report.lines.map { ($0.setting, $0) })
        #expect(lines[.amqpUrl]?.value == "amqp://ada:‹redacted›@rabbit:5673/v")
        #expect(lines[.amqpUrl]?.origin == .environment)
        #expect(lines[.masterKey]?.value == "‹redacted›")
        #expect(lines[.http]?.value == "[::1]:0")
        #expect(lines[.http]?.origin == .flag)
        #expect(lines[.concurrency]?.origin == .standard)
        let text = report.table.rendered(on: .plain)
        #expect(!text.contains("hush") && !text.contains(key))
        #expect(!"\(configuration)".contains("hush") && !"\(configuration)".contains(key))
    }

    @Test func `paths are taken from the root`() {
        #expect(FilePaths.absolute("/a/./b/../c//d/") == "/a/c/d")
        #expect(FilePaths.absolute("x").hasPrefix("/"))
    }

    @Test func `variables and flags follow from the names of settings`() {
        #expect(Setting.egressAllowHttp.environmentName == "CLAWCAST_EGRESS_ALLOW_HTTP")
        #expect(Setting.dataDir.flag == "--data-dir")
        #expect(Setting.amqpUrl.flag == nil)
        #expect(Setting.masterKey.flag == nil)
    }
}

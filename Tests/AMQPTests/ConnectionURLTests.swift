import AMQP
import Testing

@Suite("AMQP URLs")
struct ConnectionURLTests {
    @Test func `a bare URL means the defaults`() throws {
        let configuration = try ConnectionConfiguration(url: "amqp://")
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 5672)
        #expect(configuration.virtualHost == "/")
        #expect(configuration.username == "guest")
        #expect(configuration.tls == nil)
        #expect(configuration.heartbeatSeconds == 20)
    }

    @Test func `every part is read and percent-decoded`() throws {
        let configuration = try ConnectionConfiguration(
            url: "amqps://us%65r:p%40ss%3A%2F%3F@example.org:1234/v%2Fh%C3%A4?heartbeat=7&connection_timeout=1500")
        #expect(configuration.username == "user")
        #expect(configuration.password == "p@ss:/?")
        #expect(configuration.host == "example.org")
        #expect(configuration.port == 1234)
        #expect(configuration.virtualHost == "v/hä")
        #expect(configuration.tls == TLSOptions())
        #expect(configuration.heartbeatSeconds == 7)
        #expect(configuration.connectTimeoutSeconds == 2)
    }

    @Test func `TLS files and the server name come from the query`() throws {
        let url = "amqps://h/?cacertfile=/ca.pem&certfile=/c.pem&keyfile=%2Fk.pem&server_name_indication=rabbit&x=y"
        let configuration = try ConnectionConfiguration(url: url)
        #expect(configuration.port == 5671)
        #expect(
            configuration.tls
                == TLSOptions(
                    caFile: "/ca.pem", certificateFile: "/c.pem", privateKeyFile: "/k.pem", serverName: "rabbit"))
    }

    @Test(arguments: [
        ("amqp://h/", "h", 5672), ("amqp://[::1]:99/x", "::1", 99), ("amqp://[fe80::1]", "fe80::1", 5672),
        ("amqp://:81", "127.0.0.1", 81), ("AMQP://u@h:5", "h", 5),
    ])
    func `hosts and ports`(url: String, host: String, port: Int) throws {
        let configuration = try ConnectionConfiguration(url: url)
        #expect(configuration.host == host)
        #expect(configuration.port == port)
    }

    @Test func `a path of just a slash is the default virtual host`() throws {
        #expect(try ConnectionConfiguration(url: "amqp://h/").virtualHost == "/")
        #expect(try ConnectionConfiguration(url: "amqp://h/%2F").virtualHost == "/")
        #expect(try ConnectionConfiguration(url: "amqp://h/%2Fa").virtualHost == "/a")
    }

    @Test(arguments: [
        "http://h", "amqp:/h", "amqp://h:0", "amqp://h:65536", "amqp://h:x", "amqp://h/a/b", "amqp://h/%zz",
        "amqp://u:geheim%4@h", "amqp://h/%ff", "amqp://[::1", "amqp://[::1]x", "amqp://h?heartbeat=-1",
        "amqp://h?heartbeat=70000", "amqps://u:geheim@h?verify=verify_none", "amqp://u:geheim@h:port",
        "amqp://u:geheim@h?cacertfile=/ca.pem", "amqps://u:geheim@h?certfile=",
    ])
    func `unusable URLs are refused without repeating the password`(url: String) {
        #expect {
            try ConnectionConfiguration(url: url)
        } throws: { error in
            guard case .invalidURL(let reason)? = error as? AMQPError else { return false }
            return !reason.isEmpty && !String(describing: error).contains("geheim")
        }
    }

    @Test func `files for TLS that cannot be used are named, with what to do`() {
        let missing = TLSOptions(caFile: "/missing/ca.pem")
        #expect { try missing.check() } throws: { ($0 as? TLSOptionsError)?.code == .fileUnreadable }
        let text = TLSOptions(caFile: "/etc/hostname")
        #expect { try text.check() } throws: { ($0 as? TLSOptionsError)?.code == .notCertificates }
        let lonely = TLSOptions(certificateFile: "/etc/hostname")
        #expect { try lonely.check() } throws: { ($0 as? TLSOptionsError)?.code == .incomplete }
        #expect { try missing.check() } throws: { error in
            let error = String(describing: error)
            return error.contains("/missing/ca.pem") && error.contains("Correct its path")
        }
    }

    @Test func `nothing printed shows the password`() throws {
        let configuration = try ConnectionConfiguration(url: "amqp://anna:geheim@h:1/v")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
            #expect(!text.contains("geheim"))
            #expect(text.contains("anna"))
        }
    }
}

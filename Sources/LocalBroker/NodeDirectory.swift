import Glibc

/// The files of one node.
struct NodeDirectory: Sendable {
    /// Absolute, without links.
    let path: String

    /// Makes the folder where it is missing, readable by its owner only.
    init(preparing path: String) throws(LocalBrokerError) {
        try Self.makeFolder(path)
        guard let resolved = realpath(path, nil) else { throw .file(path, errno) }
        defer { free(resolved) }
        self.path = String(cString: resolved)
        for folder in ["home", "log", "mnesia"] { try Self.makeFolder("\(self.path)/\(folder)") }
    }

    /// A folder as it is; nothing is made.
    init(existing path: String) {
        self.path = path
    }

    var lock: String { "\(path)/lock" }
    var owner: String { "\(path)/owner" }
    var console: String { "\(path)/log/console.log" }
    private var identity: String { "\(path)/identity" }
    private var cookie: String { "\(path)/home/.erlang.cookie" }
    private var settings: String { "\(path)/rabbitmq.conf" }
    private var plugins: String { "\(path)/enabled_plugins" }

    /// The identity kept here; nil in a new folder.
    ///
    /// - Throws: `directoryUnusable` where one is kept that cannot be understood: to make another would lock the user
    ///   out of the messages stored under the first.
    func loadIdentity() throws(LocalBrokerError) -> NodeIdentity? {
        guard let text = FileBytes.text(at: identity) else {
            if access(identity, F_OK) == 0 { throw .file(identity, EACCES) }
            return nil
        }
        guard let identity = NodeIdentity(text: text) else {
            throw LocalBrokerError(.directoryUnusable, "\(identity) is damaged. Restore it, or remove \(path).")
        }
        return identity
    }

    /// Writes everything the node reads; the secrets with mode 0600.
    func store(_ identity: NodeIdentity, _ configuration: PrivateBrokerConfiguration) throws(LocalBrokerError) {
        try FileBytes.replace(self.identity, with: identity.text)
        try FileBytes.replace(cookie, with: identity.cookie, mode: 0o400)
        try FileBytes.replace(settings, with: Self.settings(identity, configuration))
        try FileBytes.replace(plugins, with: configuration.management ? "[rabbitmq_management].\n" : "[].\n")
    }

    /// The environment of the node and of its tools. Nothing of this process's own environment gets in.
    func environment(_ identity: NodeIdentity, schedulers: Int? = nil) -> [String: String] {
        // Without it the distribution port listens on every interface.
        let loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return [
            "PATH": Installation.searchPath, "HOME": "\(path)/home", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "CLAWCAST_BROKER_MARK": identity.mark,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            // The name is part of the path of the stored messages: another name would start an empty node.
            "RABBITMQ_NODENAME": "clawcast@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": "\(identity.ports.amqp)",
            "RABBITMQ_DIST_PORT": "\(identity.ports.distribution)",
            "ERL_EPMD_PORT": "\(identity.ports.epmd)",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_SECONDS": "0",
            "RABBITMQ_MNESIA_BASE": "\(path)/mnesia",
            "RABBITMQ_LOG_BASE": "\(path)/log",
            "RABBITMQ_CONFIG_FILE": settings,
            "RABBITMQ_ADVANCED_CONFIG_FILE": "\(path)/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": plugins,
            "RABBITMQ_PID_FILE": "\(path)/pid",
            // Bound schedulers wait for their own core while another is free, which a shared machine punishes.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "\(loopback) +stbt u" + (schedulers.map { " +S \($0):\($0)" } ?? ""),
            "RABBITMQ_CTL_ERL_ARGS": loopback,
        ]
    }

    private static func settings(_ identity: NodeIdentity, _ configuration: PrivateBrokerConfiguration) -> String {
        var lines = [
            "listeners.tcp.1 = 127.0.0.1:\(identity.ports.amqp)",
            "default_user = \(identity.credentials.username)",
            "default_pass = \(identity.credentials.password)",
            "default_user_tags.administrator = true",
            "vm_memory_high_watermark.absolute = \(configuration.memoryHighWatermarkBytes)",
            "disk_free_limit.absolute = \(configuration.diskFreeLimitBytes)",
            // The log of quorum queues is kept in memory up to this size: with the default of 512 MB the node grows past
            // 250 MB.
            "raft.wal_max_size_bytes = 67108864",
            "log.file.rotation.size = 10485760",
            "log.file.rotation.count = 3",
        ]
        if configuration.management {
            lines += [
                "management.tcp.ip = 127.0.0.1", "management.tcp.port = \(identity.ports.management)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Makes a folder of its own for one short life.
    static func temporary() throws(LocalBrokerError) -> String {
        var template = Array("/tmp/clawcast-broker-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .file("/tmp", errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func makeFolder(_ path: String) throws(LocalBrokerError) {
        var parent = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            parent += parent.isEmpty && part.isEmpty ? "" : String(part)
            if !parent.isEmpty, mkdir(parent, 0o700) != 0, errno != EEXIST, errno != EISDIR {
                throw .file(parent, errno)
            }
            parent += "/"
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw .file(path, errno) }
    }
}

import Distribution
import Glibc
import LedgerSQLite
import Logging
import Orchestrator
import Sealing

/// What the service keeps on disk, opened: the data folder, the master key and the ledger.
struct Storage: Sendable {
    let ledger: SQLiteLedger
    let time: SystemTime
    let randomness: SecureRandomness

    /// - Throws: A ``FileError`` for the folder, a `SealingError` for the key, a ``LedgerError`` for the ledger, as when
    ///   another process has it open.
    init(
        _ configuration: ServiceConfiguration, logger: Logger, crashPoints: (any CrashPoints)? = nil
    ) throws {
        try Self.makePrivateFolder(configuration.dataDirectory)
        time = SystemTime()
        randomness = SecureRandomness()
        ledger = try SQLiteLedger(
            path: configuration.ledgerFile, sealer: Sealer(masterKey: try Self.masterKey(configuration)),
            instance: configuration.instance, time: time, randomness: randomness, logger: logger,
            maximumMebibytes: configuration.ledgerMaximumMebibytes, crashPoints: crashPoints)
    }

    private static func masterKey(_ configuration: ServiceConfiguration) throws -> MasterKey {
        if let key = configuration.masterKey { return try MasterKey(text: key.reveal()) }
        if let file = configuration.masterKeyFile { return try MasterKey(contentsOfFile: file) }
        return try MasterKey.loadOrCreate(file: configuration.standardMasterKeyFile)
    }

    /// Makes the folder and its parents; only its owner may look into it.
    private static func makePrivateFolder(_ path: String) throws(FileError) {
        var parent = ""
        for part in path.split(separator: "/") {
            parent += "/" + part
            let isLast = parent == path
            guard mkdir(parent, isLast ? 0o700 : 0o755) == 0 || errno == EEXIST else {
                throw FileError(path: parent, code: errno)
            }
        }
    }
}

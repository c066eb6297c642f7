import Glibc
import Sealing

/// Looks at the data folder and what is in it, without opening the ledger: that is the service's alone.
enum FileCheck {
    static func findings(_ configuration: ServiceConfiguration) -> [Finding] {
        [folder(configuration), masterKey(configuration), ledger(configuration), adminKey(configuration)]
    }

    private static func folder(_ configuration: ServiceConfiguration) -> Finding {
        let path = configuration.dataDirectory
        guard let status = FileStatus(path) else {
            return Finding(.ok, "data folder", "\(path) does not exist yet; the first start makes it")
        }
        guard status.isFolder else {
            return Finding(
                .fail, "data folder", "\(path) is not a folder", remediation: "Set CLAWCAST_DATA_DIR to a folder.")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            return Finding(
                .fail, "data folder", "\(path) cannot be read and written by this user",
                remediation: "Run as its owner, or give it to the user that runs Clawcast.")
        }
        guard !status.isOpenToOthers else {
            return Finding(
                .warn, "data folder", "\(path) is open to other users (mode \(status.mode))",
                remediation: "chmod 700 \(path)")
        }
        return Finding(.ok, "data folder", "\(path) (mode \(status.mode))")
    }

    private static func masterKey(_ configuration: ServiceConfiguration) -> Finding {
        guard configuration.masterKey == nil else { return Finding(.ok, "master key", "given by CLAWCAST_MASTER_KEY") }
        let path = configuration.masterKeyFile ?? configuration.standardMasterKeyFile
        guard let status = FileStatus(path) else {
            guard configuration.masterKeyFile == nil else {
                return Finding(
                    .fail, "master key", "\(path) does not exist or cannot be looked at",
                    remediation: "Put the key there, or unset CLAWCAST_MASTER_KEY_FILE to have one made.")
            }
            guard FileStatus(configuration.ledgerFile) == nil else {
                return Finding(
                    .fail, "master key", "\(path) is missing although there is a ledger sealed under it",
                    remediation: "Restore it; without it the targets' credentials have to be set anew.")
            }
            return Finding(.ok, "master key", "is made on first start")
        }
        do throws(SealingError) {
            _ = try MasterKey(contentsOfFile: path)
        } catch {
            return Finding(.fail, "master key", "\(path): \(error)", remediation: "Restore it from a backup.")
        }
        guard !status.isOpenToOthers else {
            return Finding(
                .warn, "master key", "\(path) can be read by other users (mode \(status.mode))",
                remediation: "chmod 600 \(path)")
        }
        return Finding(.ok, "master key", "\(path) (mode \(status.mode))")
    }

    private static func ledger(_ configuration: ServiceConfiguration) -> Finding {
        let path = configuration.ledgerFile
        guard let status = FileStatus(path) else {
            return Finding(.ok, "ledger", "is made on first start")
        }
        guard let head = try? Files.readHead(path, size: 16) else {
            return Finding(.fail, "ledger", "\(path) cannot be read", remediation: "Check its owner and mode.")
        }
        // "SQLite format 3" and a zero: https://sqlite.org/fileformat2.html, section 1.3.1. A new file is empty.
        guard head.isEmpty || head == Array("SQLite format 3\0".utf8) else {
            return Finding(
                .fail, "ledger", "\(path) is not an SQLite database", remediation: "Restore it from a backup.")
        }
        return Finding(
            .ok, "ledger", "\(path), \(status.size / 1024) KiB; its schema is checked by the service when it opens it")
    }

    private static func adminKey(_ configuration: ServiceConfiguration) -> Finding {
        let path = configuration.adminKeyFile
        guard let status = FileStatus(path) else { return Finding(.ok, "admin key", "is made on first start") }
        guard !status.isOpenToOthers else {
            return Finding(
                .warn, "admin key", "\(path) can be read by other users (mode \(status.mode))",
                remediation: "chmod 600 \(path)")
        }
        return Finding(.ok, "admin key", "\(path) (mode \(status.mode))")
    }
}

/// What keeps the ledger from being written; each case has a remedy of its own (``Remediation/sentence(for:)``).
package enum LedgerObstacle: String, Sendable, Hashable, CaseIterable {
    /// The disk under the file has no room left.
    case full
    /// The file has grown to the size that the operator allows it.
    case atLimit = "at_limit"
    /// Another process holds the file locked for longer than is waited for.
    case locked
    /// The file can only be read, or was moved away from under the service.
    case readOnly = "read_only"
    /// The disk answers with errors.
    case failing
    /// None of these, such as a lack of memory, or the end of the process.
    case other
}

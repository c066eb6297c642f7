/// Why a cryptographic operation was not carried out; never holds key material.
package enum SealingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// OpenSSL refused a call that should always succeed; `code` is the oldest entry of its error queue.
    case library(function: String, code: UInt)
    /// A key or secret is not of the form it must have; the sentence says which form.
    case malformedKey(String)
    /// Sealed bytes are shorter than their header and tag, or of a version that this program does not know.
    case malformedSealedBytes
    /// The bytes were sealed under another master key.
    case wrongMasterKey
    /// The bytes, or the context they were sealed for, have been altered.
    case notAuthentic
    /// A key file could not be read or written; `code` is the `errno`.
    case file(operation: String, path: String, code: Int32)

    package var description: String {
        switch self {
        case .library(let function, let code): "OpenSSL's \(function) failed with error \(code)."
        case .malformedKey(let sentence): sentence
        case .malformedSealedBytes: "These are not sealed bytes of a known version."
        case .wrongMasterKey: "Sealed under another master key. Restore the key that this ledger was made with."
        case .notAuthentic: "The sealed bytes are damaged, or belong to something else."
        case .file(let operation, let path, let code): "Cannot \(operation) the key file \(path): error \(code)."
        }
    }
}

/// Why bytes are not the JSON that is accepted here, and where.
package struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The place of the first byte that does not fit, from 0; the length of the text where it ends too early.
    package let offset: Int
    /// What is wrong there, in a sentence without its full stop and without a word of the text itself.
    package let reason: String

    package var description: String { "\(reason) at byte \(offset)." }
}

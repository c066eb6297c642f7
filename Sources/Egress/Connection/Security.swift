/// What a connection owes its requests before the first of them may leave.
enum Security: Sendable, Hashable {
    case plain
    /// A TLS handshake; with a name, a certificate that bears it. An address is checked by the TLS library.
    case tls(name: String?)
}

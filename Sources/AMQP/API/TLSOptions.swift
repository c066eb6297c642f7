/// How an `amqps` connection proves who is who. The broker's certificate and host name are always verified.
package struct TLSOptions: Sendable, Hashable {
    /// PEM file with the certificate authorities to trust instead of the system's.
    package var caFile: String?
    /// PEM file with this client's certificate chain, leaf first.
    package var certificateFile: String?
    /// PEM file with the key of `certificateFile`.
    package var privateKeyFile: String?
    /// The name that the broker's certificate must bear where it is not the host that is dialled.
    package var serverName: String?

    package init(
        caFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil, serverName: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.serverName = serverName
    }
}

import Dispatch
import Glibc

/// Asks whether a port is a broker that lets us in.
///
/// An accepted connection proves nothing: the port may belong to a stranger, or to a node that has not read its users
/// yet. The probe goes as far as `connection.tune`, which the broker sends to nobody it has not authenticated (AMQP
/// 0-9-1, section 1.4.2), over a plain socket: it must tell a broken client from a broken broker.
struct LoginProbe: Sendable {
    let port: Int
    let credentials: BrokerCredentials

    /// True after a login; false where nothing listens, something else answers, or 2 s pass without a word.
    func succeeds() async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "clawcast.probe").async { continuation.resume(returning: run()) }
        }
    }

    private func run() -> Bool {
        LoopbackSocket.withSocket { socket in
            var patience = timeval(tv_sec: 2, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            guard LoopbackSocket.call(connect, socket, port) == 0,
                Self.send(Array("AMQP".utf8) + [0, 0, 9, 1], to: socket),
                Self.method(from: socket) == .start,
                Self.send(startOK, to: socket)
            else { return false }
            return Self.method(from: socket) == .tune
        }
    }

    /// `connection.start-ok` without client properties, with the mechanism PLAIN.
    private var startOK: [UInt8] {
        let response = "\0\(credentials.username)\0\(credentials.password)"
        let arguments =
            [0, 10, 0, 11] + Self.long(0) + Self.short("PLAIN") + Self.long(response.utf8.count) + Array(response.utf8)
            + Self.short("en_US")
        return [1, 0, 0] + Self.long(arguments.count) + arguments + [0xCE]
    }

    private enum Method: Equatable { case start, tune, other }

    /// Reads one method frame and throws its arguments away.
    private static func method(from socket: Int32) -> Method? {
        guard let header = receive(7, from: socket), header[0] == 1 else { return nil }
        let size = header[3..<7].reduce(0) { $0 << 8 | Int($1) }
        guard (4...131_072).contains(size), let payload = receive(size + 1, from: socket), payload[size] == 0xCE else {
            return nil
        }
        switch (payload[0], payload[1], payload[2], payload[3]) {
        case (0, 10, 0, 10): return .start
        case (0, 10, 0, 30): return .tune
        default: return .other
        }
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private static func receive(_ count: Int, from socket: Int32) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, recv(socket, buffer.baseAddress, count, Int32(MSG_WAITALL)))
        }
        return bytes.count == count ? bytes : nil
    }

    private static func long(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    }

    private static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
}

import COpenSSL

/// The checks that every call of OpenSSL goes through.
enum OpenSSL {
    /// Requires the 1 that nearly every function of OpenSSL returns for success.
    static func check(_ result: Int32, _ function: String) throws(SealingError) {
        guard result == 1 else { throw failure(function) }
    }

    /// Requires a pointer.
    static func check(_ pointer: OpaquePointer?, _ function: String) throws(SealingError) -> OpaquePointer {
        guard let pointer else { throw failure(function) }
        return pointer
    }

    /// Reads and clears this thread's error queue, so that a failure is never blamed on a later call.
    static func failure(_ function: String) -> SealingError {
        let code = ERR_get_error()
        ERR_clear_error()
        return .library(function: function, code: code)
    }
}

import Distribution
import HTTPTypes
import Hummingbird
import Orchestrator

/// An authenticated request, as the handlers see it.
struct Call: Sendable {
    let useCases: DistributionUseCases
    let caller: Caller
    let request: Request
    let query: Query
    /// `?mode=dry_run`.
    let isRehearsal: Bool
    let rawID: String?
    let requestID: String
    let configuration: APIConfiguration

    var domainID: DomainID { caller.domainID }

    /// The id in the path.
    ///
    /// - Throws: `INVALID_ID`.
    func id() throws(Refusal) -> Int64 {
        guard let id = rawID.flatMap(Query.identifier) else {
            throw Refusal(
                .invalidID, "The id in the path is not one.", remediation: Remediation.sentence(for: .invalidID))
        }
        return id
    }

    /// The object in the body.
    ///
    /// - Throws: ``RequestRefusal`` or a `Refusal` about its type, size or syntax.
    func object() async throws -> JSONObject {
        try RequestBodyReader.checkType(request)
        return try JSONObject(body: try await bytes())
    }

    /// As ``object()``; an empty one where there is no body.
    func objectIfAny() async throws -> JSONObject {
        let bytes = try await bytes()
        guard !bytes.isEmpty else { return [:] }
        try RequestBodyReader.checkType(request)
        return try JSONObject(body: bytes)
    }

    private func bytes() async throws -> [UInt8] {
        try await patiently { [request, limit = configuration.maximumBodyBytes] in
            try await RequestBodyReader.bytes(of: request, limit: limit)
        }
    }

    /// Refuses a body that speaks for another domain than the key does.
    func checkDomain(_ named: DomainID?) throws(Refusal) {
        guard let named, named != domainID else { return }
        throw Refusal(
            .invalidDomainContext, "domainId is not the domain that this request is made for.",
            remediation: "Leave domainId out, or use a key of that domain.", context: ["domainId": "\(named)"])
    }

    /// The key under which a repetition is recognized: of the header, or of a field of the body.
    ///
    /// - Throws: `VALIDATION_ERROR` where both are given and differ, or one is too long.
    func idempotencyKey(field: String?) throws(Refusal) -> String? {
        let header = request.headers[text: "idempotency-key"]
        if let header, let field, header != field {
            throw Refusal(
                .validationError, "The header Idempotency-Key and the field idempotencyKey differ.",
                remediation: "Send one of them, or the same in both.", context: ["path": "idempotencyKey"])
        }
        guard let key = header ?? field else { return nil }
        guard (1...255).contains(key.unicodeScalars.count) else {
            throw Refusal(
                .validationError, "The idempotency key must have 1 to 255 characters.",
                remediation: "Use a shorter key.", context: ["path": "idempotencyKey"])
        }
        return key
    }

    /// Refuses a key for a call that could not honour it.
    func refuseIdempotencyKey() throws(Refusal) {
        guard request.headers[text: "idempotency-key"] != nil else { return }
        throw Refusal(
            .notSupported, "Idempotency-Key is not honoured here yet.",
            remediation: "Leave the header out; look the target up with GET /api/distribution/targets before a retry.")
    }

    /// Runs what may have to wait for the ledger or the caller, and cancels it when the request has waited long enough.
    func patiently<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withPatience(milliseconds: configuration.patienceMilliseconds, work)
    }
}

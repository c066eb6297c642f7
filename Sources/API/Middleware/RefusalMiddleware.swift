import Distribution
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Turns whatever is thrown into the flat error object; what is not a refusal is logged and told as `INTERNAL_ERROR`.
struct RefusalMiddleware: RouterMiddleware {
    private static let longestTarget = 4_096

    let maximumBodyBytes: Int

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            try checkSize(of: request)
            return try await next(request, context)
        } catch {
            let refused = Self.refusal(for: error, context.logger)
            var response = Self.response(refused, context.requestID)
            if request.method == .head { response = response.createHeadResponse() }
            return mayGoOn(request, after: refused) ? response : response.closing(context.channel)
        }
    }

    private func checkSize(of request: Request) throws {
        guard request.uri.string.utf8.count <= Self.longestTarget else { throw RequestRefusal.targetTooLong }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBodyBytes {
            throw Refusal.payloadTooLarge(limit: maximumBodyBytes)
        }
    }

    /// Whether the rest of a refused request is short enough to be read over.
    private func mayGoOn(_ request: Request, after refused: RequestRefusal) -> Bool {
        refused.refusal.code != .payloadTooLarge && refused.status != .requestTimeout
            && request.headers[.transferEncoding] == nil
    }

    private static func refusal(for error: any Error, _ logger: Logger) -> RequestRefusal {
        switch error {
        case let refused as RequestRefusal:
            return refused
        case let refusal as Refusal:
            return RequestRefusal(status: refusal.code.status, refusal: refusal)
        case let error as HTTPError where error.status == .notFound:
            return .unknownPath
        default:
            logger.error("A request failed unexpectedly.", metadata: ["error": "\(error)"])
            let refusal = Refusal(
                .internalError, "Something went wrong on this side.",
                remediation: Remediation.sentence(for: .internalError))
            return RequestRefusal(status: .internalServerError, refusal: refusal)
        }
    }

    private static func response(_ refused: RequestRefusal, _ requestID: String) -> Response {
        var response = Response.json(refused.status, RefusalView.json(refused.refusal, requestID: requestID))
        switch refused.status {
        case .unauthorized: response.headers[.wwwAuthenticate] = "Bearer realm=\"clawcast\""
        case .serviceUnavailable: response.headers[.retryAfter] = "5"
        case .methodNotAllowed: response.headers[.allow] = refused.allowed.joined(separator: ", ")
        default: break
        }
        return response
    }
}

extension Response {
    /// The same answer as the last one of its connection, whatever the caller is still sending.
    fileprivate func closing(_ channel: any Channel) -> Response {
        let body = self.body
        var response = self
        response.headers[.connection] = "close"
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            channel.close(promise: nil)
        }
        return response
    }
}

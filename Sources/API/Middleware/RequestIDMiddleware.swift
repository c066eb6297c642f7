import Distribution
import HTTPTypes
import Hummingbird
import Logging
import Orchestrator

/// Gives each request an id, its caller's where that is one, and each answer the fields that all have.
struct RequestIDMiddleware: RouterMiddleware {
    private static let longest = 128

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.id(of: request)
        context.logger[metadataKey: "requestId"] = "\(context.requestID)"
        var response = try await next(request, context)
        response.headers[text: "x-request-id"] = context.requestID
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    /// An id goes into logs, messages and answers, so it may hold visible ASCII only.
    private static func id(of request: Request) -> String {
        if let given = request.headers[text: "x-request-id"], (1...longest).contains(given.utf8.count),
            given.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            return given
        }
        let time = SystemTime().now()
        var random = SystemRandomNumberGenerator()
        return UUIDv7(time: time, random: (random.next(), random.next())).description
    }
}

import Distribution
import HTTPTypes
import Hummingbird
import Orchestrator
import PrometheusExport

/// Puts the endpoints of all resources under one router, with a refusal for every other method of their paths.
struct APIRouter: Sendable {
    private static let base = "/api/distribution"
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    private let configuration: APIConfiguration
    private let useCases: DistributionUseCases
    private let authenticator: Authenticator
    private let resources: [Endpoint]
    private let operations: [Endpoint]
    private let actions: ActionCatalogue

    init(configuration: APIConfiguration, useCases: DistributionUseCases, metrics: PrometheusMetricsFactory) {
        self.configuration = configuration
        self.useCases = useCases
        authenticator = Authenticator(useCases: useCases, lifetimeMilliseconds: configuration.keyLifetimeMilliseconds)
        resources =
            TargetRoutes.endpoints + PlanRoutes.endpoints(configuration) + JobRoutes.endpoints
            + DeadLetterRoutes.endpoints
        operations = OperationRoutes(useCases: useCases, metrics: metrics).endpoints
        actions = ActionCatalogue(endpoints: resources, base: Self.base)
    }

    func build() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: AccessLogMiddleware())
        router.add(middleware: RefusalMiddleware(maximumBodyBytes: configuration.maximumBodyBytes))
        // Probes look for health at the root, WordClaw's clients below the base.
        add(operations, at: "", to: router)
        add(operations, at: Self.base, to: router)
        add(resources, at: Self.base, to: router)
        return router
    }

    private func add(_ endpoints: [Endpoint], at base: String, to router: Router<APIContext>) {
        for endpoint in endpoints {
            router.on(RouterPath(base + endpoint.path), method: endpoint.method) { request, context in
                try await respond(to: request, context, by: endpoint)
            }
        }
        for (path, group) in Dictionary(grouping: endpoints, by: \.path) {
            var offered = Set(group.map(\.method))
            if offered.contains(.get) { offered.insert(.head) }
            let allowed = offered.map(\.rawValue).sorted()
            for method in Self.methods where !offered.contains(method) {
                router.on(RouterPath(base + path), method: method) { _, _ -> Response in
                    throw RequestRefusal.methodNotAllowed(allowed)
                }
            }
        }
    }

    private func respond(
        to request: Request, _ context: APIContext, by endpoint: Endpoint
    ) async throws -> Response {
        switch endpoint.handler {
        case .open(let answer):
            return await answer(context.requestID)
        case .notBuilt(let scopes, let remediation):
            _ = try await authenticator.caller(of: request, needing: scopes)
            throw Refusal(.notSupported, "This call is not available yet.", remediation: remediation)
        case .authenticated(let scopes, let answer):
            let caller = try await authenticator.caller(of: request, needing: scopes)
            let query = try Query(request.uri, allowed: endpoint.parameters)
            let call = Call(
                useCases: useCases, caller: caller, request: request, query: query,
                isRehearsal: try query.isRehearsal(), rawID: context.parameters.get("id"),
                requestID: context.requestID, configuration: configuration)
            return try await answer(call).response(offering: actions)
        }
    }
}

package enum WebhookBody {
    package static func render(_ input: RenderingInput) -> RenderedBody {
        RenderedBody(contentType: "application/json", bytes: [])
    }
}

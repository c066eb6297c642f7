import Distribution
import LocalReceiver

/// What the demo plays with.
struct DemoStage: Sendable {
    let receiver: Receiver
    /// Signs every delivery, and the receiver checks with it.
    let secret: Secret
    let output: Terminal
    let diagnostics: Terminal

    func heading(_ text: String) { output.line("\n" + output.styled(text, .bold)) }
}

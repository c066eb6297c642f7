import ArgumentParser

@main
struct Clawcast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clawcast")
}

import ArgumentParser

/// Which part of a list is asked for.
struct PageOptions: ParsableArguments {
    @Option(help: "How many at most, 1 to 500.")
    var limit = 50

    @Option(help: "Where to go on, as the page before said.")
    var cursor: String?

    func validate() throws {
        guard (1...500).contains(limit) else { throw ValidationError("--limit must be a number from 1 to 500.") }
    }

    var query: [(String, String?)] { [("limit", String(limit)), ("cursor", cursor)] }
}

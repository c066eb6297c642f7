/// How much of something is done, as a bar of twenty characters.
enum ProgressBar {
    static let width = 20

    /// - Parameters:
    ///   - done: Any number, as somebody else has said it; what is beyond the total counts as all of it.
    static func text(_ done: some Sequence<Int64>, of total: Int64) -> String {
        let share = total > 0 ? done.reduce(0.0) { $0 + max(0, Double($1)) } / Double(total) : 0
        let filled = Int(min(share, 1) * Double(width))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }
}

/// Rows under aligned headings, without lines around them, so that they read well and can be cut with `awk`.
struct Table {
    struct Column {
        let title: String
        var isTrailing = false
        /// Whether it is cut first where the terminal is too narrow.
        var isFlexible = false
    }

    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let style: Style?

        init(_ text: String?, _ style: Style? = nil) {
            let safe = DisplayText.safe(text ?? "")
            self.text = safe.isEmpty ? "–" : safe
            self.style = safe.isEmpty ? .dim : style
        }

        init(stringLiteral value: String) { self.init(value) }

        /// A status in its own colour.
        static func status(_ status: String?) -> Cell { Cell(status, status.flatMap(Style.status)) }
    }

    private static let gap = 2
    private static let narrowest = 12

    private let columns: [Column]
    private var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameter row: one cell a column; what is missing stays empty.
    mutating func add(_ row: [Cell]) {
        rows.append(row)
    }

    /// The table with a line break after each row.
    func rendered(on terminal: Terminal) -> String {
        let widths = widths(within: terminal.width)
        var text = ""
        let titles = columns.map { Cell($0.title, .dim) }
        for row in [titles] + rows {
            var line = ""
            var pending = 0
            for (index, column) in columns.enumerated() {
                let cell = index < row.count ? row[index] : Cell(nil)
                let shown = DisplayText.truncated(cell.text, to: widths[index])
                let blanks = widths[index] - DisplayText.width(shown)
                line += String(repeating: " ", count: pending + (column.isTrailing ? blanks : 0))
                line += terminal.styled(shown, cell.style)
                // Blanks are written when something follows them: no line ends in white space.
                pending = Self.gap + (column.isTrailing ? 0 : blanks)
            }
            text += line + "\n"
        }
        return text
    }

    private func widths(within limit: Int?) -> [Int] {
        var widths = columns.enumerated().map { index, column in
            rows.reduce(DisplayText.width(column.title)) { widest, row in
                index < row.count ? max(widest, DisplayText.width(row[index].text)) : widest
            }
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - limit
        for index in columns.indices.reversed() where columns[index].isFlexible && excess > 0 {
            let cut = min(excess, max(widths[index] - Self.narrowest, 0))
            widths[index] -= cut
            excess -= cut
        }
        return widths
    }
}

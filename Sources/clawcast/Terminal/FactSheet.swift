/// One thing in full: a name and a value a line, the values aligned.
struct FactSheet {
    private var facts: [(name: String, value: Table.Cell)] = []

    /// Adds a line, unless there is nothing to say.
    mutating func add(_ name: String, _ value: String?, _ style: Style? = nil) {
        guard let value, !value.isEmpty else { return }
        facts.append((name, Table.Cell(value, style)))
    }

    func rendered(on terminal: Terminal) -> String {
        let width = facts.map { DisplayText.width($0.name) }.max() ?? 0
        return facts.map { name, value in
            let blanks = String(repeating: " ", count: width - DisplayText.width(name) + 2)
            return terminal.styled(name, .dim) + blanks + terminal.styled(value.text, value.style) + "\n"
        }.joined()
    }
}

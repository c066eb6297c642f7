/// One line of figures, or one histogram, of a family.
protocol Series: AnyObject, Sendable {
    /// As in ``SeriesKey/text``.
    var labels: String { get }

    func write(to page: inout ExpositionPage, family: String)
}

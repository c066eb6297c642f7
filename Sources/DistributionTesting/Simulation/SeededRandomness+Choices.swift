extension SeededRandomness {
    /// A number in 0 ..< `bound`; 0 where there is nothing to choose from.
    package func below(_ bound: Int) -> Int {
        bound > 1 ? Int(next() % UInt64(bound)) : 0
    }

    package func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    package func happens(perMille: Int) -> Bool {
        perMille > 0 && below(1_000) < perMille
    }

    package func element<Element>(of choices: [Element]) -> Element? {
        choices.isEmpty ? nil : choices[below(choices.count)]
    }
}

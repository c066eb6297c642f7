import Testing

@testable import Adapters

@Suite("HTTP dates")
struct HTTPDateTests {
}

import Distribution
import Testing

@testable import API

@Suite("The API's parts")
struct APIPartsTests {
    private static let key = APIKey(
        id: Identifier(1), name: "k", domainID: nil, scopes: [.admin], createdAt: Timestamp(milliseconds: 0),
        revokedAt: nil)

    @Test func `a key is trusted for its lifetime, and not longer when the clock is set back`() {
        let cache = KeyCache(lifetimeMilliseconds: 3_000)
        let digest = KeyCache.digest(Secret("secret"))
        let start = Timestamp(milliseconds: 1_000_000)
        cache.keep(Self.key, digest, now: start)
        #expect(cache.key(KeyCache.digest(Secret("other")), now: start) == nil)
        #expect(cache.key(digest, now: start.adding(milliseconds: 2_999)) == Self.key)
        #expect(cache.key(digest, now: start.adding(milliseconds: 3_000)) == nil)
        cache.keep(Self.key, digest, now: start)
        #expect(cache.key(digest, now: start.adding(milliseconds: -1)) == nil)
    }

    @Test func `the cache of keys stays small`() {
        let cache = KeyCache(lifetimeMilliseconds: 3_000)
        let now = Timestamp(milliseconds: 0)
        let digests = (0...1_000).map { KeyCache.digest(Secret("\($0)")) }
        for digest in digests { cache.keep(Self.key, digest, now: now) }
        #expect(digests.filter { cache.key($0, now: now) != nil }.count <= 1_000)
        #expect(digests.last.flatMap { cache.key($0, now: now) } == Self.key)
    }

    @Test(arguments: [1, 42, 63, 1_000_000, Int64.max])
    func `a cursor leads back to its id`(id: Int64) {
        let cursor = Cursor.encode(id)
        #expect(Cursor.decode(cursor) == id)
        #expect(
            cursor.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
    }

    @Test(arguments: ["", "42", "djE6MA", "djE6LTE", "djE6NDI=", "djI6NDI", "%%%", String(repeating: "A", count: 65)])
    func `no other text is a cursor`(text: String) {
        #expect(Cursor.decode(text) == nil)
    }

    @Test func `an action that is not built is not offered, whatever its id`() {
        let catalogue = ActionCatalogue(endpoints: TargetRoutes.endpoints, base: "/api/distribution")
        #expect(!catalogue.offers("POST /api/distribution/targets/7/test"))
        #expect(catalogue.offers("POST /api/distribution/targets/7/enable"))
        #expect(catalogue.offers("DELETE /api/distribution/targets/7"))
    }

    @Test func `what is waited for too long is cancelled, and its end is told`() async throws {
        let value = try await withPatience(milliseconds: 60_000) { 1 }
        #expect(value == 1)
        let (forever, _) = AsyncStream.makeStream(of: Int.self)
        let given = try await withPatience(milliseconds: 1) {
            for await _ in forever {}
            return Task.isCancelled
        }
        #expect(given)
    }
}

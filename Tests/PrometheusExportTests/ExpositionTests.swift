import CoreMetrics
import Testing

@testable import PrometheusExport

@Suite("Prometheus exposition")
struct ExpositionTests {
    let factory = PrometheusMetricsFactory(
        help: ["jobs_total": "Jobs,\nand a \\ too."],
        buckets: ["sizes": [100, 10, .infinity], "wait_seconds": [0.1, 1]])

    @Test
    func `Families and series come sorted, with help and type`() {
        Counter(label: "jobs_total", dimensions: [("state", "b")], factory: factory).increment(by: 2)
        Counter(label: "jobs_total", dimensions: [("state", "a")], factory: factory).increment()
        Gauge(label: "active", factory: factory).record(3)
        #expect(
            factory.exposition() == """
                # TYPE active gauge
                active 3
                # HELP jobs_total Jobs,\\nand a \\\\ too.
                # TYPE jobs_total counter
                jobs_total{state="a"} 1
                jobs_total{state="b"} 2

                """)
    }

    @Test
    func `A timer is a cumulative histogram in seconds`() {
        let timer = CoreMetrics.Timer(label: "wait_seconds", dimensions: [("queue", "x")], factory: factory)
        timer.recordMilliseconds(100)
        timer.recordMilliseconds(500)
        timer.recordSeconds(2)
        #expect(
            factory.exposition() == """
                # TYPE wait_seconds histogram
                wait_seconds_bucket{queue="x",le="0.1"} 1
                wait_seconds_bucket{queue="x",le="1"} 2
                wait_seconds_bucket{queue="x",le="+Inf"} 3
                wait_seconds_sum{queue="x"} 2.6
                wait_seconds_count{queue="x"} 3

                """)
    }

    @Test
    func `A timer without buckets of its own reaches from 5 ms to 30 s`() {
        CoreMetrics.Timer(label: "t", factory: factory).recordSeconds(31)
        let page = factory.exposition()
        #expect(page.contains("t_bucket{le=\"0.005\"} 0\n"))
        #expect(page.contains("t_bucket{le=\"30\"} 0\nt_bucket{le=\"+Inf\"} 1\n"))
    }

    @Test
    func `A recorder is a summary, or a histogram where buckets are given`() {
        Recorder(label: "plain", factory: factory).record(2.5)
        Recorder(label: "sizes", factory: factory).record(11)
        let page = factory.exposition()
        #expect(page.contains("# TYPE plain summary\nplain_sum 2.5\nplain_count 1\n"))
        #expect(page.contains("sizes_bucket{le=\"10\"} 0\nsizes_bucket{le=\"100\"} 1\nsizes_bucket{le=\"+Inf\"} 1\n"))
    }

    @Test
    func `Meters rise and fall, floating counters only rise`() {
        let meter = Meter(label: "level", factory: factory)
        meter.set(5)
        meter.increment(by: 1.5)
        meter.decrement(by: 4.0)
        let sum = FloatingPointCounter(label: "sum_total", factory: factory)
        sum.increment(by: 0.25)
        sum.increment(by: -7.0)
        sum.increment(by: Double.nan)
        let count = Counter(label: "n_total", factory: factory)
        count.increment(by: 3)
        count.increment(by: -1)
        let page = factory.exposition()
        #expect(page.contains("\nlevel 2.5\n"))
        #expect(page.contains("\nsum_total 0.25\n"))
        #expect(page.contains("\nn_total 3\n"))
    }

    @Test
    func `Label values are escaped and names made legal`() {
        let dimensions = [("a-b", "x\"y\\z\nw"), ("__own", "1"), ("9", "2")]
        Counter(label: "http.requests-total", dimensions: dimensions, factory: factory).increment()
        #expect(
            factory.exposition().contains(
                "http_requests_total{_9=\"2\",a_b=\"x\\\"y\\\\z\\nw\",label__own=\"1\"} 1\n"))
    }

    @Test
    func `A label name that the format keeps for itself is renamed`() {
        CoreMetrics.Timer(label: "wait_seconds", dimensions: [("le", "mine")], factory: factory).recordSeconds(1)
        #expect(factory.exposition().contains("wait_seconds_bucket{exported_le=\"mine\",le=\"1\"} 1\n"))
    }

    @Test
    func `Making a series again goes on with the same one, in any order of dimensions`() {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: factory).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: factory).increment()
        #expect(factory.exposition() == "# TYPE c counter\nc{a=\"1\",b=\"2\"} 2\n")
    }

    @Test
    func `A label keeps its first kind`() {
        Counter(label: "c", factory: factory).increment()
        Gauge(label: "c", factory: factory).record(9)
        FloatingPointCounter(label: "c", factory: factory).increment(by: 0.5)
        #expect(factory.exposition() == "# TYPE c counter\nc 1\n")
    }

    @Test
    func `A destroyed series leaves the page, and begins anew`() {
        let counter = Counter(label: "c", dimensions: [("a", "1")], factory: factory)
        counter.increment(by: 5)
        counter.destroy()
        #expect(factory.exposition().isEmpty)
        Counter(label: "c", dimensions: [("a", "1")], factory: factory).increment()
        #expect(factory.exposition() == "# TYPE c counter\nc{a=\"1\"} 1\n")
    }

    @Test(arguments: [
        (0, "0"), (-2, "-2"), (0.1, "0.1"), (1e300, "1e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"),
    ])
    func `Numbers are written as Prometheus reads them`(value: Double, text: String) {
        #expect(ExpositionPage.number(value) == text)
    }

    @Test
    func `Nothing is lost when many tasks record at once`() async {
        let counter = Counter(label: "c", factory: factory)
        let sum = FloatingPointCounter(label: "f", factory: factory)
        let timer = CoreMetrics.Timer(label: "wait_seconds", factory: factory)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.increment()
                        sum.increment(by: 0.5)
                        timer.recordNanoseconds(Int64(1_000_000_000))
                    }
                }
            }
        }
        let page = factory.exposition()
        #expect(page.contains("\nc 8000\n"))
        #expect(page.contains("\nf 4000\n"))
        #expect(page.contains("wait_seconds_sum 8000\nwait_seconds_count 8000\n"))
    }
}

import Distribution
import Logging
import Testing

@testable import clawcast

@Suite("What commands show on a terminal")
struct CLITerminalTests {
    private func table() -> Table {
        var table = Table([
            .init(title: "ID", isTrailing: true), .init(title: "NAME", isFlexible: true), .init(title: "STATUS"),
        ])
        table.add([.init("7"), .init("shop"), .status("active")])
        table.add([.init("12"), .init("数据"), .init(nil)])
        return table
    }

    @Test func `columns are aligned by what is seen, and lines end in no blanks`() {
        #expect(
            table().rendered(on: .plain) == """
                ID  NAME  STATUS
                 7  shop  active
                12  数据  –

                """)
    }

    @Test func `verify claims no more than it has looked at`() {
        func verdict(_ messages: SystemReading?, isQuiet: Bool) -> String {
            let report = ConservationReport(
                checkedAt: Timestamp(milliseconds: 0), ledger: LedgerAudit(), messages: messages, isQuiet: isQuiet,
                brokerObstacle: messages == nil ? "It does not answer." : nil)
            return VerifyPresentation(report).text(on: .plain)
        }
        let reading = SystemReading(
            targets: [], waiting: [:], pulse: LedgerPulse(owedEvents: 0, owedDeadLetters: 0, activity: 0),
            census: BrokerCensus())
        #expect(verdict(reading, isQuiet: true).hasSuffix("\nNothing is lost.\n"))
        #expect(!verdict(reading, isQuiet: false).contains("Nothing is lost."))
        #expect(!verdict(nil, isQuiet: false).contains("Nothing is lost."))
    }

    @Test func `colours come only where they are wanted`() {
        let colourful = Terminal(descriptor: 1, isInteractive: true, usesColour: true, width: nil)
        #expect(table().rendered(on: colourful).contains("\u{1B}[32mactive\u{1B}[0m"))
        #expect(!table().rendered(on: .plain).contains("\u{1B}"))
    }

    @Test func `a narrow terminal cuts the flexible column`() {
        var table = Table([.init(title: "A"), .init(title: "B", isFlexible: true)])
        table.add([.init("x"), .init(String(repeating: "y", count: 80))])
        let narrow = Terminal(descriptor: 1, isInteractive: true, usesColour: false, width: 40)
        let lines = table.rendered(on: narrow).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 40 })
        #expect(lines[1].hasSuffix("y…"))
    }

    @Test func `text of others cannot steer the terminal`() {
        #expect(DisplayText.safe("a\u{1B}[2Jb\r\nc\u{202E}d") == "a·[2Jb··c·d")
        #expect(Table.Cell("x\u{07}").text == "x·")
    }

    @Test(arguments: [
        (-400, "just now"), (-12_000, "12 s ago"), (300_000, "in 5 min"), (-7_200_000, "2 h ago"),
        (-3 * 86_400_000, "3 d ago"),
    ])
    func `moments are told as people say them`(offset: Int64, text: String) {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        #expect(RelativeTime.text(now.adding(milliseconds: offset), now: now) == text)
    }

    @Test func `a line of the log holds its data, and no secret`() {
        let entry = LogEntry(
            time: "T", level: .info, message: "Ready.", label: "clawcast",
            data: [
                (key: "error", value: "two words\nand a line"), (key: "key", value: "\(Secret("hush"))"),
                (key: "url", value: .stringConvertible(Secret("hush"))),
            ])
        #expect(
            TextLogLayout(terminal: .plain).line(entry)
                == #"T info Ready. error="two words\nand a line" key=‹redacted› url=‹redacted›"#)
        #expect(
            JSONLogLayout().line(entry)
                == #"{"time":"T","level":"info","message":"Ready.","logger":"clawcast","#
                + #""error":"two words\nand a line","key":"‹redacted›","url":"‹redacted›"}"#)
    }

    @Test(arguments: [
        ("127.0.0.1:4005", "127.0.0.1:4005", "http://127.0.0.1:4005"), ("[::1]:80", "[::1]:80", "http://[::1]:80"),
        ("0.0.0.0:1", "0.0.0.0:1", "http://127.0.0.1:1"), ("localhost:0", "localhost:0", "http://localhost:0"),
    ])
    func `a listening address is read, written and reached`(text: String, written: String, url: String) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.description == written)
        #expect(address.url == url)
    }

    @Test(arguments: ["", ":80", "x", "x:", "x:65536", "::1:80", "[x]:80", "a b:80", "x/y:80"])
    func `what is no listening address is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}

extension Terminal {
    /// Neither colour nor width.
    static let plain = Terminal(descriptor: 1, isInteractive: false, usesColour: false, width: nil)
}

import Distribution
import Foundation

/// Figures as one JSON line.
enum Report {
    static func print(_ report: JSONObject) {
        var line = JSON.object(report).serialized()
        line.append(UInt8(ascii: "\n"))
        FileHandle.standardOutput.write(Data(line))
    }

    /// The machine's monotonic clock, which the receiver reads as well.
    static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension JSON {
    static func rounded(_ value: Double, _ digits: Int) -> JSON {
        .number(String(format: "%.\(digits)f", value))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension [Double] {
    /// The value below which the share `quantile` of all lies (nearest rank); 0 where there is none.
    func quantile(_ quantile: Double) -> Double {
        guard !isEmpty else { return 0 }
        let rank = Int((quantile * Double(count)).rounded(.up))
        return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
    }
}

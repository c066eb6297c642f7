/// A replay or a purge, as whoever asked for it follows it.
package enum DeadLetterRunView {
    package static func json(_ run: DeadLetterRun) -> JSON {
        .object([
            "id": .integer(run.id.rawValue),
            "status": .string(run.status.rawValue),
            "total": .integer(run.total),
            run.kind.countName: .integer(run.handled),
            "skipped": .integer(run.skipped),
            "filter": .object(run.selection.json),
            "ratePerSecond": .integer(run.ratePerSecond),
            "limit": .whole(run.limit.map(Int64.init)),
            "idempotencyKey": .text(run.idempotencyKey),
            "createdAt": .moment(run.createdAt),
            "updatedAt": .moment(run.updatedAt),
            "endedAt": .moment(run.endedAt),
            "pollAfterSeconds": run.status == .running ? .integer(1) : .null,
            "recommendedNextAction": .string(action(run).sentence),
        ])
    }

    /// What a run would do, with id 0.
    package static func json(_ new: NewDeadLetterRun, counted count: DeadLetterCount) -> JSON {
        .object([
            "id": .integer(0),
            "total": .integer(count.handled + count.skipped),
            new.kind.countName: .integer(count.handled),
            "skipped": .integer(count.skipped),
            "filter": .object(new.selection.json),
            "ratePerSecond": .integer(new.ratePerSecond),
            "limit": .whole(new.limit.map(Int64.init)),
            "recommendedNextAction": .string(action(new, counted: count).sentence),
        ])
    }

    package static func action(_ run: DeadLetterRun) -> RecommendedAction {
        let path = "/api/distribution/dead-letters/\(run.kind.plural)/\(run.id)"
        let done = "\(run.handled) \(run.kind.outcome).\(skipped(run.skipped, run.kind))"
        return switch run.status {
        case .running:
            .init(
                sentence: "Wait: \(run.handled + run.skipped) of \(run.total) were looked at; GET \(path) tells more.",
                availableActions: ["GET \(path)", "POST \(path)/cancel"])
        case .done: .init(sentence: done)
        case .cancelled: .init(sentence: "Cancelled: \(done)")
        }
    }

    package static func action(_ new: NewDeadLetterRun, counted count: DeadLetterCount) -> RecommendedAction {
        let send =
            switch new.kind {
            case .replay: "POST /api/distribution/dead-letters/replay"
            case .purge: "DELETE /api/distribution/dead-letters"
            }
        return .init(
            sentence: "Nothing was changed; \(count.handled) would be \(new.kind.participle)."
                + skipped(count.skipped, new.kind),
            availableActions: count.handled > 0 ? [send] : [])
    }

    private static func skipped(_ count: Int, _ kind: DeadLetterRun.Kind) -> String {
        guard count > 0 else { return "" }
        return switch kind {
        case .replay: " \(count) cannot be replayed: send new plans for what they were to deliver."
        case .purge: " \(count) are no dead letters."
        }
    }
}

extension DeadLetterRun.Kind {
    /// The member that counts letters.
    package var countName: String { participle }
    /// As in the path of the list.
    package var plural: String { "\(rawValue)s" }

    fileprivate var participle: String {
        switch self {
        case .replay: "replayed"
        case .purge: "purged"
        }
    }

    fileprivate var outcome: String {
        switch self {
        case .replay: "are on their way again"
        case .purge: "are purged"
        }
    }
}

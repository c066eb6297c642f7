import Distribution
import LocalReceiver

/// The destinations of a story, each of which behaves in a way of its own.
struct CrashTargets: Sendable {
    /// Accepts everything.
    let good: TargetID
    /// Accepts what it gets for the second time.
    let flaky: TargetID
    /// Accepts what it gets for the third time, after the second of which a job is dead.
    let deadly: TargetID
    /// As ``deadly``.
    let doomed: TargetID
    /// Refuses everything, after the second time of which a job is dead; not so that its circuit would open.
    let hopeless: TargetID
    /// Accepts what it gets for the second time, which is an hour later; one at a time.
    let patient: TargetID
    /// Accepts after a while.
    let slow: TargetID
    /// Answers as the receiver is told to.
    let gone: TargetID
    /// Answers 429 until the receiver is told otherwise.
    let busy: TargetID
    /// Accepts everything, and is paused in between.
    let held: TargetID

    static let heldPath = "/held"
    static let busyPath = "/busy"
    static let gonePath = "/gone"
    static let slowPath = "/delay/300"

    init(on service: StandingService, receiver: Receiver) async throws {
        func create(_ path: String, retries: String, _ changes: JSONObject = [:]) async throws -> TargetID {
            var document: JSONObject = [
                "name": .string(path), "channelType": .string("webhook"),
                "config": .object(["url": .string(receiver.url(path))]), "retry": RetryTests.schedule(retries),
            ]
            for member in changes.members { document[member.name] = member.value }
            let answer = try await service.call("POST", "/targets", document)
            guard let id = answer.data["id"]?.integerValue else { throw SystemTestError(answer.text) }
            return TargetID(id)
        }
        good = try await create("/good", retries: "[0.1,0.2,0.4]")
        flaky = try await create("/fail-first/1/503", retries: "[0.2,0.2,0.2]")
        deadly = try await create("/fail-first/2/500", retries: "[0.1]")
        doomed = try await create("/fail-first/2/500", retries: "[0.1]")
        hopeless = try await create("/status/404", retries: "[0.1]")
        patient = try await create("/fail-first/1/502", retries: "[3600,3600]", ["maxInFlight": 1])
        slow = try await create(Self.slowPath, retries: "[0.1,0.2]")
        busy = try await create(Self.busyPath, retries: "[0.1,0.2,0.4]")
        held = try await create(Self.heldPath, retries: "[0.1,0.2,0.4]")
        gone = try await create(Self.gonePath, retries: "[0.1,0.2,0.4]")
    }
}

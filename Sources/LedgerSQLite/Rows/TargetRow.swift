import Distribution
import Sealing

/// A target as its row has it; its credentials are opened only where somebody asks.
struct TargetRow {
    var target: Target
    let sealedCredentials: [UInt8]

    static let columns = """
        id, domainId, channelType, name, configJson, credentials, deliveryJson, active, disabledReason, pausedUntil, \
        pauseReason, queueType, createdAt, updatedAt, revision, failingSince, circuitOpenedAt, circuitProbeAt, \
        circuitPauseMs
        """

    init(columns: Columns) throws {
        guard let configuration = (try? JSON.parse(columns.bytes(4)))?.objectValue else { throw columns.damage(4) }
        guard let settings = (try? JSON.parse(columns.bytes(6)))?.objectValue,
            let delivery = try? DeliverySettings(json: settings)
        else { throw columns.damage(6) }
        target = Target(
            id: columns.id(0), domainID: columns.id(1), channelType: try columns.value(2), name: columns.text(3),
            configuration: configuration, credentials: .unavailable(reason: "They were not asked for."),
            delivery: delivery, isActive: columns.bool(7), disabledReason: columns.textOrNil(8),
            pause: try Self.pause(columns), failingSince: try columns.timestampOrNil(15),
            circuit: try Self.circuit(columns), queueType: try columns.value(11), createdAt: try columns.timestamp(12),
            updatedAt: try columns.timestamp(13), revision: columns.integer(14))
        sealedCredentials = columns.bytes(5)
    }

    private static func pause(_ columns: Columns) throws -> TargetPause? {
        guard let reason = columns.textOrNil(10) else { return nil }
        return TargetPause(until: try columns.timestampOrNil(9), reason: reason)
    }

    private static func circuit(_ columns: Columns) throws -> CircuitRecord? {
        guard let openedAt = try columns.timestampOrNil(16), let probeAt = try columns.timestampOrNil(17) else {
            return nil
        }
        return CircuitRecord(openedAt: openedAt, probeAt: probeAt, pause: columns.integer(18))
    }

    /// The target with its credentials, or with the reason why they cannot be had.
    func opened(with sealer: Sealer) -> Target {
        var target = target
        target.credentials = TargetCredentials(sealed: sealedCredentials, of: target.id, sealer: sealer)
        return target
    }
}

extension TargetCredentials {
    fileprivate init(sealed: [UInt8], of target: TargetID, sealer: Sealer) {
        do {
            let plaintext = try sealer.open(sealed, context: Self.context(of: target))
            let members = try JSON.parse(plaintext).objectValue?.members ?? []
            let pairs = members.map { ($0.name, Secret($0.value.stringValue ?? "")) }
            self = .available(Dictionary(pairs) { first, _ in first })
        } catch let error as SealingError {
            self = .unavailable(reason: error.description)
        } catch {
            self = .unavailable(reason: "The sealed credentials are damaged.")
        }
    }

    /// The sealed form of a target's credentials: one that opens for this target alone.
    static func seal(_ credentials: [String: Secret], of target: TargetID, sealer: Sealer) throws -> [UInt8] {
        let members = credentials.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value.reveal())) }
        return try sealer.seal(JSON.object(JSONObject(members)).serialized(), context: context(of: target))
    }

    private static func context(of target: TargetID) -> [UInt8] {
        Array("distribution_targets/\(target)/credentials".utf8)
    }
}

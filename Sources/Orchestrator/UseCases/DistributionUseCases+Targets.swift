package import Distribution

extension DistributionUseCases {
    /// A target as it was written, with the credentials that were generated and are shown this once.
    package struct WrittenTarget: Sendable, Hashable {
        package let target: Target
        package let generated: [String: Secret]
    }

    /// Creates a target; its queue is declared and consumed without a restart.
    ///
    /// - Parameter isRehearsal: Only checks; the target that is returned has id 0.
    package func createTarget(
        _ input: TargetInput, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> WrittenTarget {
        guard let channel = input.channelType else { throw .missing("channelType") }
        guard let name = input.name else { throw .missing("name") }
        guard let adapter = adapters[channel] else { throw .channelNotInstalled(channel) }
        let delivery = input.delivery()
        let admitted = try adapter.admit(
            TargetDraft(
                configuration: input.configuration ?? [:], credentials: input.credentials ?? [:], delivery: delivery))
        let new = NewTarget(
            domainID: domainID, channelType: channel, name: name, configuration: admitted.configuration,
            credentials: admitted.credentials, delivery: delivery, queueType: settings.queueType,
            createdAt: ports.time.now())
        guard !isRehearsal else {
            return WrittenTarget(target: Target(rehearsed: new), generated: [:])
        }
        let target = try await change { ledger throws(LedgerError) in try await ledger.createTarget(new) }
        adopt(target)
        return WrittenTarget(target: target, generated: admitted.generated)
    }

    /// Replaces what the input says of a target; credentials it does not name stay.
    package func updateTarget(
        _ id: TargetID, _ input: TargetInput, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> WrittenTarget {
        let present = try target(id, domainID: domainID)
        guard input.channelType == nil || input.channelType == present.channelType else { throw .channelFixed }
        guard let adapter = adapters[present.channelType] else { throw .channelNotInstalled(present.channelType) }
        var credentials: [String: Secret] = [:]
        if case .available(let kept) = present.credentials { credentials = kept }
        credentials.merge(input.credentials ?? [:]) { $1 }
        let delivery = input.delivery(over: present.delivery)
        let admitted = try adapter.admit(
            TargetDraft(
                configuration: input.configuration ?? present.configuration, credentials: credentials,
                delivery: delivery))
        guard !isRehearsal else { return WrittenTarget(target: present, generated: [:]) }
        let change = TargetChange(
            name: input.name, configuration: admitted.configuration, credentials: admitted.credentials,
            delivery: delivery, changedAt: ports.time.now())
        return WrittenTarget(target: try await write(change, to: id), generated: admitted.generated)
    }

    /// Lets a disabled target take work again; its waiting jobs are handed out.
    package func enableTarget(_ id: TargetID, domainID: DomainID) async throws(Refusal) -> Target {
        _ = try target(id, domainID: domainID)
        directory.resetGovernor(of: id)
        let target = try await write(TargetChange(availability: .enabled, changedAt: ports.time.now()), to: id)
        releaser.sweepLedger()
        return target
    }

    /// Lets a target's jobs wait in its queue; attempts under way end as they would.
    ///
    /// - Throws: `VALIDATION_ERROR` where the pause would end before it begins.
    package func pauseTarget(
        _ id: TargetID, _ pause: TargetPause, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> Target {
        let present = try target(id, domainID: domainID)
        let now = ports.time.now()
        guard pause.holds(at: now) else { throw .pauseOver(now) }
        guard !isRehearsal else { return present }
        return try await write(TargetChange(rest: .paused(pause), changedAt: now), to: id, committed: .pauseCommitted)
    }

    /// Ends whatever holds a target back but its being disabled: an operator's pause, one that it asked for itself, an
    /// open circuit. Harmless where nothing does.
    package func resumeTarget(
        _ id: TargetID, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> Target {
        let present = try target(id, domainID: domainID)
        guard !isRehearsal else { return present }
        let isHeld = present.pause != nil || openCircuit(of: id) != nil
        directory.resetGovernor(of: id)
        guard isHeld else {
            queues.targetChanged(id)
            return present
        }
        return try await write(TargetChange(rest: .resumed, changedAt: ports.time.now()), to: id)
    }

    /// The open circuit of a target; nil where attempts may be made as usual.
    package func openCircuit(of id: TargetID) -> TargetGovernor.OpenCircuit? {
        directory.withEntry(id) { $0.governor.openCircuit } ?? nil
    }

    /// The targets that are asked one probe at a time.
    package func openCircuits() -> Set<TargetID> {
        directory.withEntries { entries in Set(entries.lazy.filter { $1.governor.openCircuit != nil }.map(\.key)) }
    }

    /// What is known of targets at the moment, beside what the ledger has.
    package func standings() -> TargetStandings {
        TargetStandings(openCircuits: openCircuits(), refusedQueues: releaser.quarantine.targets)
    }

    /// Deletes a target; its waiting jobs are cancelled.
    package func deleteTarget(_ id: TargetID, domainID: DomainID) async throws(Refusal) -> Target {
        _ = try target(id, domainID: domainID)
        let deleted = try await change { ledger throws(LedgerError) in try await ledger.deleteTarget(id) }
        ports.crashPoints?.reached(.targetDeleted)
        // Gone either way: where an earlier attempt was cut short it has deleted the target and told nobody.
        directory.remove(id)
        queues.targetChanged(id)
        guard let deleted else { throw .targetNotFound(id) }
        return deleted
    }

    package func target(_ id: TargetID, domainID: DomainID) throws(Refusal) -> Target {
        guard let target = directory.target(id), target.domainID == domainID else { throw .targetNotFound(id) }
        return target
    }

    /// Why the queue of a target cannot be used at the moment; nil where it can.
    package func queueProblem(of id: TargetID) -> QueueProblem? {
        queues.problem(of: id)
    }

    package func targets(domainID: DomainID, _ page: Page) async throws(Refusal) -> [Target] {
        try await ask { ledger throws(LedgerError) in try await ledger.targets(domainID: domainID, page) }
    }

    private func write(
        _ change: TargetChange, to id: TargetID, committed point: CrashPoint? = nil
    ) async throws(Refusal) -> Target {
        let target = try await self.change { ledger throws(LedgerError) in try await ledger.updateTarget(id, change) }
        if let point { ports.crashPoints?.reached(point) }
        guard let target else { throw .targetNotFound(id) }
        adopt(target)
        return target
    }

    private func adopt(_ target: Target) {
        directory.put(target)
        queues.targetChanged(target.id)
    }
}

extension AdmittedTarget {
    /// The generated credentials with their values.
    fileprivate var generated: [String: Secret] {
        credentials.filter { generatedCredentials.contains($0.key) }
    }
}

extension Target {
    fileprivate init(rehearsed new: NewTarget) {
        self.init(
            id: TargetID(0), domainID: new.domainID, channelType: new.channelType, name: new.name,
            configuration: new.configuration, credentials: .available(new.credentials), delivery: new.delivery,
            queueType: new.queueType, createdAt: new.createdAt, updatedAt: new.createdAt)
    }
}

extension Refusal {
    fileprivate static func missing(_ field: String) -> Refusal {
        Refusal(
            .validationError, "\(field) is required.", remediation: "Add \(field) and send the target again.",
            context: ["path": field])
    }

    fileprivate static func pauseOver(_ now: Timestamp) -> Refusal {
        Refusal(
            .validationError, "The pause would end before it begins.",
            remediation: "Name a time after \(now), or none for a pause that lasts until it is resumed.",
            context: ["path": "until"])
    }

    fileprivate static let channelFixed = Refusal(
        .validationError, "The channelType of a target never changes.",
        remediation: "Create a new target of the other channel, and delete this one.", context: ["path": "channelType"])
}

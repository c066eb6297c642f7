import Distribution

/// How large what is on its way to the targets is.
extension TargetDirectory {
    /// Notes the bodies of jobs that are to come, or have come.
    ///
    /// - Returns: The targets of which another number may be in hand now, in the order of the bodies; the keeper of their
    ///   queues is to be told.
    func noteBodies(_ bodies: [(target: TargetID, bytes: Int)], at now: Timestamp) -> [TargetID] {
        withMutableEntries { entries in
            var changed: [TargetID] = []
            for body in bodies {
                guard let place = entries.index(forKey: body.target),
                    entries.values[place].bodies.note(body.bytes, at: now), !changed.contains(body.target)
                else { continue }
                changed.append(body.target)
            }
            return changed
        }
    }

    /// What the target's bodies are reckoned with.
    func bodies(of id: TargetID) -> BodySizes.Estimate {
        withEntry(id) { $0.bodies.estimate } ?? BodySizes().estimate
    }
}

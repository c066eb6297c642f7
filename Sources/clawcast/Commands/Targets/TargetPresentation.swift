import Distribution

/// How targets look to people.
enum TargetPresentation {
    static func table(_ targets: [JSON], in session: Session) -> Table {
        var table = Table([
            .init(title: "ID", isTrailing: true), .init(title: "NAME", isFlexible: true), .init(title: "CHANNEL"),
            .init(title: "STATUS"), .init(title: "ADDRESS", isFlexible: true), .init(title: "UPDATED"),
        ])
        for target in targets {
            table.add([
                .init(target.label("id"), .bold), .init(target.text("name")), .init(target.text("channelType")),
                .status(status(of: target)), .init(address(of: target)),
                .init(session.relative(target.text("updatedAt"))),
            ])
        }
        return table
    }

    /// - Parameter next: What to do about it, where anything is.
    static func sheet(_ target: JSON, next: String? = nil, in session: Session) -> String {
        var sheet = FactSheet()
        sheet.add("Target", target.label("id"), .bold)
        sheet.add("Name", target.text("name"))
        sheet.add("Channel", target.text("channelType"))
        let status = status(of: target)
        sheet.add("Status", status, Style.status(status))
        sheet.add("Reason", target.text("disabledReason") ?? target.text("pauseReason"))
        sheet.add("Paused until", session.relative(target.text("pausedUntil")))
        sheet.add("Next probe", session.relative(target.member("circuit")?.text("probeAt")))
        sheet.add("Failing since", session.relative(target.text("failingSince")))
        for member in target.member("config")?.objectValue?.members ?? [] {
            sheet.add(member.name, member.value.stringValue ?? member.value.compactText)
        }
        sheet.add("Credentials", credentials(of: target))
        for name in ["retry", "maxInFlight", "rateLimit", "timeouts", "permanentStatusCodes"] {
            guard let value = target.member(name), !value.isNull else { continue }
            sheet.add(name, value.stringValue ?? value.compactText)
        }
        sheet.add("Queue", target.text("queueType"))
        if let problem = target.member("queueProblem"), !problem.isNull {
            sheet.add("Queue problem", problem.text("message"), .red)
            sheet.add("What to do", problem.text("remediation"))
        }
        sheet.add("Created", session.relative(target.text("createdAt")))
        sheet.add("Updated", session.relative(target.text("updatedAt")))
        if next != "Nothing to do." { sheet.add("Next", next) }
        return sheet.rendered(on: session.output)
    }

    /// Secrets that were made for this request and will not be shown again.
    static func generated(_ target: JSON, in session: Session) -> String {
        var text = ""
        for member in target.member("credentials")?.objectValue?.members ?? [] {
            guard let value = member.value.text("value") else { continue }
            let shown = session.output.styled(DisplayText.safe(value), .bold)
            text += "\nNew \(DisplayText.safe(member.name)), shown this once: \(shown)\n"
        }
        return text
    }

    private static func status(of target: JSON) -> String {
        target.text("status") ?? "active"
    }

    private static func address(of target: JSON) -> String? {
        let configuration = target.member("config")
        return configuration?.text("url") ?? configuration?.text("slug") ?? configuration?.text("siteUrl")
    }

    private static func credentials(of target: JSON) -> String {
        let members = target.member("credentials")?.objectValue?.members ?? []
        return members.map { $0.value.stringValue.map { "unavailable: \($0)" } ?? "\($0.name) set" }
            .joined(separator: ", ")
    }
}

import ArgumentParser
import Distribution
import Glibc
import LedgerSQLite
import Orchestrator

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that no plan, job or message is lost.",
        discussion: """
            Reads the ledger and counts the broker's messages, beside a running service or without one, and changes \
            nothing: each accepted plan has exactly one job for each target, each job is in exactly one state, and each \
            job that waits has its message. Fewer messages than that are a violation where the system stands still for \
            a moment; while it works, they are not judged. Exit 1 on any violation.
            """)

    @OptionGroup var options: ServiceOptions
    @Flag(help: "Hash every payload and check the ledger's file as well; reads all of it.") var full = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let environment = Environment.variables
        let configuration = try options.load(environment: environment)
        let report = try await report(configuration)
        let output = Terminal.output(environment)
        if json {
            output.line(report.json.compactText)
        } else {
            output.write(VerifyPresentation(report).text(on: output))
        }
        guard report.holds else { throw CommandFailure.silent }
    }

    private func report(_ configuration: ServiceConfiguration) async throws -> ConservationReport {
        guard access(configuration.ledgerFile, F_OK) == 0 else {
            throw CommandFailure(
                "There is no ledger at \(configuration.ledgerFile).",
                remediation: "Name its folder with --data-dir or CLAWCAST_DATA_DIR; `clawcast run` makes it.")
        }
        do throws(LedgerError) {
            let ledger = try LedgerInspection(path: configuration.ledgerFile)
            let check = ConservationCheck(ledger: ledger)
            let audit = try await check.audit(full ? .full : .sampled)
            let messages = await MessageCount.take(check, configuration)
            return ConservationReport(
                checkedAt: SystemTime().now(), ledger: audit, messages: messages.reading, isQuiet: messages.isQuiet,
                brokerObstacle: messages.obstacle)
        } catch {
            throw CommandFailure(
                "The ledger cannot be verified. \(error.message)",
                remediation: "Check that the file is a ledger of this version, and who else has it open.")
        }
    }
}

import ArgumentParser
import Distribution

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check configuration, files, broker and service, and say how to mend what is wrong.",
        discussion: "Changes nothing. Exit 1 where anything keeps the service from doing its work.")

    @OptionGroup var options: ServiceOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let environment = Environment.variables
        let output = Terminal.output(environment)
        var findings: [Finding] = []
        func add(_ found: [Finding]) {
            findings += found
            if !json { for finding in found { output.write(finding.text(on: output)) } }
        }
        do throws(ConfigurationError) {
            let configuration = try options.load(environment: environment)
            add(ConfigurationCheck.findings(configuration, environment))
            add(FileCheck.findings(configuration))
            add(MachineCheck.findings(configuration))
            add(await BrokerCheck.findings(configuration))
            add(await ServiceCheck.findings(configuration))
        } catch {
            add(error.problems.map { Finding(.fail, "configuration", $0) })
        }
        let hasFailed = findings.contains { $0.verdict == .fail }
        if json {
            let document: JSONObject = ["healthy": .bool(!hasFailed), "checks": .array(findings.map(\.json))]
            output.line(JSON.object(document).compactText)
        }
        if hasFailed { throw CommandFailure.silent }
    }
}

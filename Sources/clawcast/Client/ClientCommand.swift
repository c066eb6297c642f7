import ArgumentParser

/// A command that asks a running service.
protocol ClientCommand: AsyncParsableCommand {
    var client: ClientOptions { get }

    func run(_ session: Session) async throws
}

extension ClientCommand {
    func run() async throws {
        let session = try client.open(environment: Environment.variables)
        do {
            try await run(session)
        } catch let failure as CommandFailure where session.wantsJSON {
            await session.api.shutdown()
            guard let json = failure.json else { throw failure }
            session.diagnostics.write(bytes: json + [0x0A])
            throw CommandFailure("", exitCode: failure.exitCode)
        } catch {
            await session.api.shutdown()
            throw error
        }
        await session.api.shutdown()
    }
}

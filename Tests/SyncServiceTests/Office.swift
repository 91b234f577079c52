import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Synchronization
import Testing

@testable import SyncService

/// A site of a test, with services of its own.
struct Office: Sendable {
    /// A service that runs.
    struct Running: Sendable {
        let service: SyncService
        /// Where it listens for peers, and shows figures.
        let port: UInt16
        let figuresPort: UInt16
        /// The lines that it has logged so far.
        let lines: @Sendable () -> [ServiceLine]
    }

    let ledger: Ledger

    private static var state: String { TemporaryDirectoryTrait.current + "/state" }

    /// Makes the ledger of `test.example/<name>`.
    init(_ name: String) throws {
        self.ledger = try Ledger.create(
            at: "\(TemporaryDirectoryTrait.current)/\(name)",
            state: Self.state,
            site: SiteProfile(name: try #require(SiteName("test.example/\(name)")))
        )
    }

    func journal() throws -> SyncJournal { SyncJournal(folder: try self.ledger.siteFolder()) }

    /// Adds `other` as a peer.
    func know(_ other: Office, at address: String) async throws {
        let key = try other.ledger.siteKey()
        let site = try #require(SiteName(key.site))
        _ = try await self.ledger.addPeer(site, address: address, key: key.key)
    }

    /// Gives the site a new key while its ledger is open.
    func rotateKey() async throws {
        _ = try await Ledger.rotateSiteKey(at: self.ledger.path, state: Self.state)
    }

    /// Opens a case and returns its id.
    func openCase() async throws -> Subject {
        let ada = self.ledger.desk(of: ActorSnapshot(actorID: "ada", kind: .agent, team: "T"))
        let caseID = self.ledger.makeCaseID()
        let call = try await ada.startContact(.phone, waitSeconds: 1)
        _ = try await call.decide(caseID, .open(title: "Dead line"))
        return caseID
    }

    /// Waits until the other holds exactly the same.
    func waitForSameLeaves(as other: Office) async throws {
        while try self.positions != other.positions {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private var positions: [Position] {
        get throws { try self.ledger.logs().map(\.position).sorted { $0.log < $1.log } }
    }

    /// Runs a service while `body` does; returns its log.
    @discardableResult
    func serve(
        listening: Bool = true,
        trusting: Bool = false,
        connectionsMax: Int = 64,
        _ body: (Running) async throws -> Void
    ) async throws -> [ServiceLine] {
        let lines = Mutex<[ServiceLine]>([])
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        var configuration = SyncService.Configuration()
        if listening {
            configuration.listen = .init(host: "127.0.0.1", port: 0)
            configuration.metrics = .init(host: "127.0.0.1", port: 0)
        }
        configuration.trustFirstUse = trusting
        configuration.connectionsMax = connectionsMax
        configuration.reload = .milliseconds(50)
        configuration.backoff.first = .milliseconds(20)
        configuration.backoff.longest = .milliseconds(200)
        let service = SyncService(
            self.ledger,
            configuration,
            journal: try self.journal(),
            openDirectory: { try Ledger.open(at: $0, state: Self.state) },
            log: { line in lines.withLock { $0.append(line) } }
        )
        async let run: Void = service.run { for await _ in stops {} }
        func port(_ event: String) async throws -> UInt16 {
            while listening {
                let line = lines.withLock { $0.first { $0.event == event } }
                let text = line?.remote?.split(separator: ":").last
                if let port = text.flatMap({ UInt16($0) }) { return port }
                try await Task.sleep(for: .milliseconds(2))
            }
            return 0
        }
        let running = Running(
            service: service,
            port: try await port("listening"),
            figuresPort: try await port("metrics"),
            lines: { lines.withLock { $0 } }
        )
        let result: Result<Void, any Error>
        do {
            try await body(running)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        stop.finish()
        try await run
        try result.get()
        return lines.withLock { $0 }
    }
}

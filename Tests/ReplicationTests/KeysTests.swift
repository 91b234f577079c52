import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Sealing
import Testing

@testable import Replication

@Suite("Data keys between sites", .temporaryDirectory, .timeLimit(.minutes(4)))
struct KeysTests {
    /// A ledger that seals.
    private struct KeyedLedger {
        let ledger: TestLedger
        let keys: KeyStore

        var store: EventStore { self.ledger.store }

        init(_ name: String) throws {
            self.ledger = try TestLedger.create(name)
            let random = self.ledger.store.configuration.random
            let keks = try KeyEncryptionKeys.openOrCreate(
                folder: "\(TemporaryDirectoryTrait.current)/keys-\(name)",
                random: random
            )
            self.keys = KeyStore(keks: keks, rows: .init(self.ledger.store), random: random)
        }

        /// Appends an event with a text of each of these customers.
        func tell(_ customers: [String]) async throws {
            for customer in customers {
                let owner = try #require(Subject(kind: "customer", id: customer))
                let key = try self.keys.key(for: owner)
                let now = self.store.configuration.clock()
                let draft = EventDraft(
                    id: EventID(
                        unixMilliseconds: now.milliseconds,
                        random: self.store.configuration.random(10).span
                    ),
                    type: "case.observed",
                    subject: try #require(Subject("case:1")),
                    occurred: now,
                    actor: ActorSnapshot(actorID: "anna", kind: .agent),
                    body: EventBody(field: EventBody.customField, bytes: [1])
                )
                let event = try PreparedEvent.sealing(
                    draft,
                    [PlainSection(kind: "text", bytes: Array("from \(customer)".utf8))],
                    under: key.key,
                    random: self.store.configuration.random
                )
                let rows = key.newRow.map { [$0] } ?? []
                let outcome = await self.store.append(
                    AppendRequest(events: [event], keyRows: rows)
                )
                guard case .appended = outcome else {
                    throw TestLedger.Failure(text: "\(outcome)")
                }
                self.keys.confirm(rows)
            }
        }

        /// The texts that open here, and how many do not.
        func texts() throws -> (open: Set<String>, sealed: Int) {
            try self.store.read { (snapshot) throws(EventStoreError) in
                var open: Set<String> = []
                var sealed = 0
                try snapshot.forEachArrival { (place, leaf) throws(EventStoreError) in
                    guard let draft = try? EventEnvelope(leaf: leaf).draft,
                        let reference = draft.sections.first,
                        let bytes = try snapshot.section(arrival: place.arrival, slot: 1)
                    else { return true }
                    if let key = try? self.keys.key(reference.keyID, in: snapshot),
                        let text = try? SealedSection.open(
                            bytes,
                            as: reference,
                            event: draft.id,
                            under: key
                        )
                    {
                        open.insert(String(decoding: text, as: UTF8.self))
                    } else {
                        sealed += 1
                    }
                    return true
                }
                return (open, sealed)
            }
        }

        func options(
            _ sharing: KeySharing,
            _ policy: TrustPolicy,
            askedAtOnce: Int
        ) -> SyncPeer.Options {
            var options = SyncPeer.Options(policy: policy)
            options.keys = self.keys
            options.keySharing = sharing
            options.keysAskedAtOnce = askedAtOnce
            return options
        }
    }

    private func sync(
        _ one: KeyedLedger,
        _ two: KeyedLedger,
        _ sharing: KeySharing = .any,
        _ otherSharing: KeySharing = .any,
        policy: TrustPolicy = .sameOperator,
        askedAtOnce: Int = SyncLimits.keysMax
    ) async throws -> (SyncReport, SyncReport) {
        let (forth, back) = MemoryPipe.streams()
        let mine = one.options(sharing, policy, askedAtOnce: askedAtOnce)
        let theirs = two.options(otherSharing, policy, askedAtOnce: askedAtOnce)
        async let other = SyncPeer(two.store).run(over: back, as: .responder, theirs)
        let own = try await SyncPeer(one.store).run(over: forth, as: .initiator, mine)
        return (own, try await other)
    }

    @Test("Keys come with the leaves they open, both ways")
    func both() async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        try await one.tell(["a", "b", "a"])
        try await two.tell(["c"])
        let (here, there) = try await self.sync(one, two)
        #expect(here.isInStep && there.isInStep)
        #expect(here.keys == SyncReport.Keys(received: 1, given: 2))
        #expect(there.keys == SyncReport.Keys(received: 2, given: 1))
        for ledger in [one, two] {
            let texts = try ledger.texts()
            #expect(texts.open == ["from a", "from b", "from c"])
            #expect(texts.sealed == 0)
            #expect(try ledger.store.verify().isSound)
        }
    }

    @Test("Nothing is shared unless both sides say so", arguments: [0, 1, 2])
    func oneSided(which: Int) async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        try await one.tell(["a"])
        let other = try #require(SiteName("test.example/site/other"))
        let sharing: [(KeySharing, KeySharing)] = [
            (.any, .none), (.none, .any), (.any, .with([other])),
        ]
        let (here, there) = try await self.sync(one, two, sharing[which].0, sharing[which].1)
        #expect(here.isInStep && there.isInStep)
        #expect(here.keys == SyncReport.Keys() && there.keys == SyncReport.Keys())
        #expect(try two.texts().sealed == 1)
    }

    @Test("A key that is pinned on first use is given nothing")
    func firstUse() async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        try await one.tell(["a"])
        let first = try await self.sync(one, two, policy: .trustFirstUse)
        #expect(first.0.keys == SyncReport.Keys() && first.1.keys == SyncReport.Keys())
        let second = try await self.sync(one, two, policy: .pinned)
        #expect(second.1.keys.received == 1)
        #expect(try two.texts().sealed == 0)
    }

    @Test("Keys of what came earlier are asked for although both are in step; then never again")
    func later() async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        try await one.tell((0..<7).map { "c\($0)" })
        _ = try await self.sync(one, two, .none, .none)
        #expect(try two.texts().sealed == 7)
        let (here, there) = try await self.sync(one, two, askedAtOnce: 3)
        #expect(here.keys.given == 7 && there.keys.received == 7)
        #expect(try two.texts().sealed == 0)
        // A session of two HELLOs authenticates nobody.
        let again = try await self.sync(one, two)
        #expect(again.0.isInStep && !again.0.isPeerAuthenticated)
    }

    @Test("A third site gets the key from whoever has it")
    func relayed() async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        let three = try KeyedLedger("three")
        try await one.tell(["a"])
        _ = try await self.sync(one, two, .none, .none)
        // The relay lacks the key itself.
        let (_, third) = try await self.sync(two, three)
        #expect(third.keys == SyncReport.Keys())
        #expect(try three.texts().sealed == 1)
        _ = try await self.sync(one, two)
        _ = try await self.sync(two, three)
        #expect(try three.texts().sealed == 0)
    }

    @Test("A key that does not open what it is for is not kept, and still asked for")
    func wrongKey() async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        let three = try KeyedLedger("three")
        try await one.tell(["a"])
        _ = try await self.sync(one, two, .none, .none)
        // The relay gives another key under the right name.
        let owner = try #require(Subject("customer:a"))
        let id = try one.keys.key(for: owner).key.id
        let wrong = try #require(DataKey(id: id, bytes: [UInt8](repeating: 7, count: 32)))
        try await two.store.changeKeys(put: [two.keys.row(keeping: wrong, of: owner)])
        let (_, third) = try await self.sync(two, three)
        #expect(third.keys == SyncReport.Keys(received: 0, given: 0, refused: 1))
        #expect(try three.texts().sealed == 1)
        _ = try await self.sync(one, three)
        #expect(try three.texts().open == ["from a"])
    }

    @Test("Each leaf is looked at once, a key that is here is not lacked, a given one stays")
    func lacked() async throws {
        let one = try KeyedLedger("one")
        let two = try KeyedLedger("two")
        try await one.tell(["a", "b"])
        try await two.tell(["own"])
        _ = try await self.sync(one, two, .none, .none)
        func lacked() throws -> [KeyID] {
            try two.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.lackedKeys(max: 100).map(\.id)
            }
        }
        #expect(try lacked().isEmpty)
        try await two.store.noteLackedKeys()
        let owners = try ["a", "b"].map { try #require(Subject(kind: "customer", id: $0)) }
        let ids = try owners.map { try one.keys.key(for: $0).key.id }
        #expect(try Set(lacked()) == Set(ids))
        let row = try two.keys.row(keeping: one.keys.key(ids[0]), of: owners[0])
        try await two.store.keepGivenKeys([row])
        // What is looked at again would be noted again.
        try await two.store.changeKeys(put: [], delete: [ids[0]])
        try await two.store.noteLackedKeys()
        #expect(try lacked() == [ids[1]])
        let given = try two.store.read { (snapshot) throws(EventStoreError) in
            try snapshot.givenKeys(max: 9)
        }
        #expect(given.isEmpty)
        #expect(try two.store.verify().isSound)
    }

    private func pair(sharing: KeySharing = .any) -> FakePair {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(3)
        var pair = FakePair(first, FakeStore("a.example/site/two", seed: 2))
        pair.initiator.session.configuration.keySharing = sharing
        pair.responder.session.configuration.keySharing = sharing
        pair.initiator.lacked = [KeyID(rawValue: 1), KeyID(rawValue: 2)]
        return pair
    }

    @Test("A request is answered before DONE")
    func answered() throws {
        var pair = self.pair()
        pair.run()
        #expect(pair.initiator.report?.isInStep == true)
        #expect(pair.initiator.framesSent.suffix(2) == [.keys, .done])
        #expect(pair.responder.framesSent.filter { $0 == .keys }.count == 1)
    }

    @Test("A request or an answer that its sender did not sign in this session is refused")
    func signatures() throws {
        let flip: @Sendable (Frame) -> Frame? = { frame in
            guard frame.type == .keys else { return frame }
            var body = frame.body
            body[body.count - 1] ^= 1
            return Frame(type: .keys, body: body)
        }
        var pair = self.pair()
        pair.initiator.tamper = flip
        pair.run()
        #expect(pair.responder.error == .badKeys("a.example/site/one"))
        pair = self.pair()
        pair.responder.tamper = flip
        pair.run()
        #expect(pair.initiator.error == .badKeys("a.example/site/two"))
        #expect(SyncError.badKeys("x").code == 21)
    }

    @Test("Keys that nobody asked for, and a request where nothing is shared, are refused")
    func unasked() throws {
        var pair = self.pair()
        pair.responder.given = KeyID(rawValue: 3)
        pair.run()
        #expect(pair.initiator.error == .unexpected(.keys))
        pair = self.pair(sharing: .none)
        pair.initiator.tamper = { frame in
            guard frame.type == .done else { return frame }
            return KeyRequest(recipient: [UInt8](repeating: 9, count: 32), ids: []).frame
        }
        pair.run()
        #expect(pair.responder.error != nil)
    }

    @Test("A KEYS frame reads back as it was; a longer, shorter or disordered one is malformed")
    func frames() throws {
        var request = KeyRequest(
            recipient: [UInt8](repeating: 1, count: 32),
            ids: [KeyID(rawValue: 1), KeyID(rawValue: 2)]
        )
        request.signature = [UInt8](repeating: 2, count: 64)
        #expect(try KeysMessage(request.frame) == .request(request))
        let entry = SealedKeys.Entry(
            id: KeyID(rawValue: 1),
            owner: try #require(Subject("customer:a")),
            sealed: [UInt8](repeating: 3, count: SealedKeys.sealedByteCount)
        )
        let keys = SealedKeys(encapsulated: [UInt8](repeating: 4, count: 32), entries: [entry])
        var answer = KeyAnswer(isLast: true, keys: keys)
        answer.signature = [UInt8](repeating: 5, count: 64)
        #expect(try KeysMessage(answer.frame) == .answer(answer))
        for frame in [request.frame, answer.frame] {
            for body in [frame.body + [0], Array(frame.body.dropLast()), []] {
                #expect(throws: SyncError.self) {
                    try KeysMessage(Frame(type: .keys, body: body))
                }
            }
        }
        var kind = request.frame.body
        kind[0] = 3
        #expect(throws: SyncError.malformed(.keys, offset: 1)) {
            try KeysMessage(Frame(type: .keys, body: kind))
        }
        request.ids.swapAt(0, 1)
        #expect(throws: SyncError.self) { try KeysMessage(request.frame) }
        request.ids = [KeyID(rawValue: 1), KeyID(rawValue: 1)]
        #expect(throws: SyncError.self) { try KeysMessage(request.frame) }
    }

    @Test("More keys than a frame may name are refused before they are read")
    func limits() throws {
        let asked: [UInt8] = [1] + [UInt8](repeating: 0, count: 32) + [0x40, 0x01]
        #expect(throws: SyncError.limit(.keys, log: nil)) {
            try KeysMessage(Frame(type: .keys, body: asked))
        }
        let given: [UInt8] = [2, 1] + [UInt8](repeating: 0, count: 32) + [0x08, 0x01]
        #expect(throws: SyncError.limit(.keys, log: nil)) {
            try KeysMessage(Frame(type: .keys, body: given))
        }
    }
}

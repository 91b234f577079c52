import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import SyncService

@Suite("The service", .temporaryDirectory, .timeLimit(.minutes(2)))
struct SyncServiceTests {
    @Test("Two ledgers over loopback come in step, and an event is soon at the other")
    func live() async throws {
        let (one, two) = (try Office("one"), try Office("two"))
        try await one.know(two, at: "-")
        let served = try await one.serve { service in
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { _ in
                try await one.waitForSameLeaves(as: two)
                for number in 0..<20 {
                    let (from, to) = number.isMultiple(of: 2) ? (one, two) : (two, one)
                    let caseID = try await from.openCase()
                    while (try? to.ledger.caseState(of: caseID)) == nil {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
                // An event is there before the round that brought it is over.
                let inStep = "caseledger_peer_in_step{peer=\"test.example/two\"} 1\n"
                while await !service.service.figures().contains(inStep) {
                    try await Task.sleep(for: .milliseconds(5))
                }
                let page = await service.service.figures()
                #expect(page.contains("caseledger_connections{direction=\"in\"} 1\n"))
                while try two.journal().read()["test.example/one"]?.standing != .inStep {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        #expect(served.contains { $0.event == "peer.came" })
        #expect(served.last?.event == "stopped")
        #expect(try one.ledger.verify().isSound)
        #expect(try two.ledger.verify().isSound)
    }

    @Test(
        "A site changes its key while services run, and both go on without a person's doing",
        arguments: ["one", "two"]
    )
    func newKey(changing: String) async throws {
        let (one, two) = (try Office("one"), try Office("two"))
        try await one.know(two, at: "-")
        let (changed, other) = changing == "one" ? (one, two) : (two, one)
        let old = try changed.ledger.siteKey()
        let served = try await one.serve { service in
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { following in
                try await one.waitForSameLeaves(as: two)
                _ = try await changed.openCase()
                try await changed.rotateKey()
                for office in [changed, other] {
                    let caseID = try await office.openCase()
                    let there = office.ledger.path == one.ledger.path ? two : one
                    while (try? there.ledger.caseState(of: caseID)) == nil {
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
                try await one.waitForSameLeaves(as: two)
                let learning = changing == "one" ? following : service
                while !learning.lines().contains(where: { $0.event == "key.changed" }) {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        #expect(served.last?.event == "stopped")
        let peer = try #require(try other.ledger.peers().first)
        #expect(peer.key == (try changed.ledger.siteKey().key) && peer.key != old.key)
        #expect(peer.former == [old])
        #expect(try one.ledger.verify().isSound && two.ledger.verify().isSound)
    }

    @Test("A stranger gets nothing; with trust on first use it is let in, and then known")
    func stranger() async throws {
        let (one, two) = (try Office("one"), try Office("two"))
        let refused = try await one.serve { service in
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { _ in
                while try two.journal().read()["test.example/one"]?.error == nil {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        #expect(refused.contains { $0.event == "peer.refused" })
        #expect(try one.ledger.logs().count == 1 && two.ledger.logs().count == 1)
        let state = try #require(try two.journal().read()["test.example/one"])
        #expect(state.standing == .failing && state.next != nil)

        let trusting = try await one.serve(trusting: true) { service in
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { _ in
                while try one.ledger.peers().isEmpty {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await one.waitForSameLeaves(as: two)
            }
        }
        let phrase = try two.ledger.siteKey().phrase
        #expect(trusting.contains { $0.event == "key.bound" && $0.phrase == phrase })
        #expect(try one.ledger.peers().map(\.site) == ["test.example/two"])
    }

    @Test("A server with another key than the known one learns nothing of this site")
    func wrongServer() async throws {
        let (one, two, three) = (try Office("one"), try Office("two"), try Office("three"))
        try await three.know(two, at: "-")
        _ = try await three.serve { service in
            // The address of one is that of three.
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { _ in
                while try two.journal().read()["test.example/one"]?.error == nil {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        let state = try #require(try two.journal().read()["test.example/one"])
        #expect(state.error?.contains("another key") == true)
        #expect(try three.ledger.logs().count == 1 && two.ledger.logs().count == 1)
    }

    @Test("A hub passes on what one peer brings to the other, live")
    func hub() async throws {
        let (hub, one, two) = (try Office("hub"), try Office("one"), try Office("two"))
        for spoke in [one, two] { try await hub.know(spoke, at: "-") }
        // Keys of sites whose logs a hub relays are known as well.
        try await one.know(two, at: "-")
        try await two.know(one, at: "-")
        _ = try await hub.serve { service in
            for spoke in [one, two] {
                try await spoke.know(hub, at: "tls://127.0.0.1:\(service.port)")
            }
            try await one.serve(listening: false) { _ in
                try await two.serve(listening: false) { _ in
                    let caseID = try await one.openCase()
                    while (try? two.ledger.caseState(of: caseID)) == nil {
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
            }
        }
    }

    @Test("Beyond the limit nobody is let in, and who is in stays")
    func limit() async throws {
        let (one, two, three) = (try Office("one"), try Office("two"), try Office("three"))
        try await one.know(two, at: "-")
        try await one.know(three, at: "-")
        let lines = try await one.serve(connectionsMax: 1) { service in
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await three.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { _ in
                try await one.waitForSameLeaves(as: two)
                try await three.serve(listening: false) { _ in
                    while try three.journal().read()["test.example/one"]?.error == nil {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                _ = try await two.openCase()
                try await one.waitForSameLeaves(as: two)
            }
        }
        #expect(
            lines.contains { $0.event == "peer.refused" && $0.detail?.contains("many") == true }
        )
    }

    @Test("A peer that is removed is let go, and comes in no more")
    func removed() async throws {
        let (one, two) = (try Office("one"), try Office("two"))
        try await one.know(two, at: "-")
        try await one.serve { service in
            try await two.know(one, at: "tls://127.0.0.1:\(service.port)")
            try await two.serve(listening: false) { _ in
                try await one.waitForSameLeaves(as: two)
                let site = try #require(SiteName("test.example/two"))
                #expect(try await one.ledger.removePeer(site))
                _ = try await two.openCase()
                // Let go first; refused when it comes again.
                while !service.lines().contains(where: { $0.event == "peer.refused" }) {
                    try await Task.sleep(for: .milliseconds(5))
                }
                while try two.journal().read()["test.example/one"]?.standing != .failing {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
    }
}

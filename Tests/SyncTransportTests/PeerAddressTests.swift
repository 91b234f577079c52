import Replication
import Testing

@testable import SyncTransport

@Suite("Peers' addresses")
struct PeerAddressTests {
    @Test(
        "Each form is read",
        arguments: [
            ("../other", PeerAddress.directory("../other")),
            ("/srv/a b", .directory("/srv/a b")),
            ("tls://manila:7421", .tls(host: "manila", port: 7421)),
            ("tls://[::1]:7421", .tls(host: "::1", port: 7421)),
            (
                "ssh://ops@manila/srv/led",
                .ssh(host: "ops@manila", port: nil, directory: "/srv/led")
            ),
            ("ssh://manila:22/~/led", .ssh(host: "manila", port: 22, directory: "led")),
            ("command:nc manila 1", .command("nc manila 1")), ("-", .none),
        ]
    )
    func forms(text: String, address: PeerAddress) {
        #expect(PeerAddress(text) == address)
    }

    @Test(
        "What is none is refused",
        arguments: [
            "", "tls://manila", "tls://:1", "tls://manila:0", "tls://manila:70000", "ssh://manila",
            "ssh://manila/", "ssh://-oProxyCommand=x/d", "ssh://a b/d", "ssh://a$(b)/d",
            "http://manila/x", "command:", "tls://m:1/x",
        ]
    )
    func refusals(text: String) {
        #expect(PeerAddress(text) == nil)
    }

    @Test("Over ssh a directory's name stays one word, on this machine and on that")
    func quoting() async throws {
        let address = try #require(PeerAddress("ssh://manila:22/srv/it's $HOME"))
        let command = try #require(address.command)
        // What ssh does: it joins its words, and a shell there splits them.
        let there = "caseledger() { printf '%s|' \"$@\"; }; eval \"$5\""
        let transport = try CommandTransport.start(
            "ssh() { \(there); }; \(command)",
            environment: ["PATH=/usr/bin:/bin", "HOME=/nowhere"],
            idleMilliseconds: 20_000
        )
        var said: [UInt8] = []
        while case let more = try await transport.stream.read(), !more.isEmpty { said += more }
        _ = await transport.finish()
        #expect(
            String(decoding: said, as: UTF8.self) == "serve|--stdio|--ledger|/srv/it's $HOME|"
        )
    }
}

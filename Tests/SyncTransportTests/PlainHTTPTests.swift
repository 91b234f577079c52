import Testing

@testable import SyncTransport

@Suite("A page over plain HTTP", .timeLimit(.minutes(1)))
struct PlainHTTPTests {
    @Test(
        "A GET of the page is answered with it, all else with a refusal",
        arguments: [
            ("GET /metrics HTTP/1.0\r\n\r\n", "200 OK", "page\n"),
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", "page\n"),
            ("GET /secret HTTP/1.0\r\n\r\n", "404 Not Found", "see /metrics\n"),
            ("POST /metrics HTTP/1.0\r\n\r\n", "405 Method Not Allowed", "only GET\n"),
            ("\r\n\r\n", "405 Method Not Allowed", "only GET\n"),
        ]
    )
    func answers(request: String, status: String, body: String) async throws {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        async let served: Void = {
            guard let connection = await listener.accept() else { return }
            await PlainHTTP.answer(connection) { $0 == "/metrics" ? "page\n" : nil }
        }()
        let opened = TCPConnection.connect(
            host: "127.0.0.1",
            port: listener.port,
            milliseconds: 999
        )
        let client = try opened.get()
        client.writePlain(Array(request.utf8), milliseconds: 999)
        var said: [UInt8] = []
        while case let more = client.readPlain(milliseconds: 5_000), !more.isEmpty { said += more }
        _ = await served
        let text = String(decoding: said, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.0 \(status)\r\n"))
        #expect(text.hasSuffix("\r\n\r\n\(body)"))
    }
}

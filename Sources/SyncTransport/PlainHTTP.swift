/// The little of HTTP/1.0 that a page of figures needs: one GET, one answer, no more.
package enum PlainHTTP {
    /// The most bytes of a request.
    static let requestBytesMax = 8 << 10
    /// How long a request may take to come, and an answer to go.
    static let milliseconds: CInt = 5_000

    /// Answers one request with the page at its path, `nil` where there is none, and closes.
    package static func answer(
        _ connection: TCPConnection,
        page: @Sendable (String) async -> String?
    ) async {
        let thread = BlockingThread(name: "figures")
        defer { thread.stop() }
        guard let request = await thread.run({ Self.request(connection) }) else { return }
        let words = String(decoding: request.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
            .split(separator: " ")
        let answer: String
        if words.count < 2 || words[0] != "GET" {
            answer = Self.answer("405 Method Not Allowed", "only GET\n")
        } else if let text = await page(String(words[1])) {
            answer = Self.answer("200 OK", text)
        } else {
            answer = Self.answer("404 Not Found", "see /metrics\n")
        }
        _ = await thread.run {
            connection.writePlain(Array(answer.utf8), milliseconds: Self.milliseconds)
        }
    }

    /// What came up to the empty line that ends a request's head.
    private static func request(_ connection: TCPConnection) -> [UInt8] {
        let end = ContinuousClock.now + .milliseconds(Int(Self.milliseconds))
        var bytes: [UInt8] = []
        while bytes.count < Self.requestBytesMax, ContinuousClock.now < end {
            let more = connection.readPlain(milliseconds: Self.milliseconds)
            if more.isEmpty { break }
            bytes += more
            if bytes.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] || bytes.suffix(2) == [0x0A, 0x0A] {
                break
            }
        }
        return bytes
    }

    private static func answer(_ status: String, _ body: String) -> String {
        "HTTP/1.0 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }
}

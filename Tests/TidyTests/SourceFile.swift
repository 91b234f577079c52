import Foundation
import Testing

/// One Swift file of the project, as lines.
struct SourceFile: Sendable, CustomTestStringConvertible {
    let target: String
    let path: String
    let lines: [Substring]

    var testDescription: String { self.path }

    /// The package's folder.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let sources = Self.files(under: "Sources")
    static let tests = Self.files(under: "Tests")

    private static func files(under folder: String) -> [SourceFile] {
        let base = Self.root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
        return (paths ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            guard let text = try? String(contentsOf: base.appending(path: path), encoding: .utf8)
            else { return nil }
            return SourceFile(
                target: String(path.prefix { $0 != "/" }),
                path: "\(folder)/\(path)",
                lines: text.split(separator: "\n", omittingEmptySubsequences: false)
            )
        }
    }
}

extension Substring {
    /// Whether `text` stands in the line. Bytes are compared: with regular expressions alone the
    /// whole tree takes a minute.
    func holds(_ text: String) -> Bool {
        let line = self.utf8Span.span
        let text = text.utf8Span.span
        guard line.count >= text.count else { return false }
        for start in 0...line.count - text.count {
            var matched = 0
            while matched < text.count, line[start + matched] == text[matched] { matched += 1 }
            if matched == text.count { return true }
        }
        return false
    }
}

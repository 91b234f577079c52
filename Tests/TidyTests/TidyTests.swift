import Foundation
import Testing

@Suite("Tidy")
struct TidyTests {
    @Test("There are sources and tests to look at")
    func findsFiles() {
        #expect(SourceFile.sources.count > 20)
        #expect(SourceFile.tests.count > 20)
        let targets = Set(SourceFile.sources.map(\.target))
        #expect(targets == Set(arrows.keys), "targets and arrows differ")
    }

    @Test("Imports follow the arrows", arguments: SourceFile.sources)
    func imports(file: SourceFile) throws {
        let modules = Set(arrows.keys).union(arrows.values.joined())
        let allowed = try #require(arrows[file.target], "no arrows for \(file.target)")
        for (number, line) in file.lines.enumerated() {
            guard line.holds("import "),
                let match = line.firstMatch(of: /^\s*(?:\w+ )?import (?:\w+ )?(\w+)/)
            else { continue }
            let module = String(match.1)
            if modules.contains(module) {
                #expect(allowed.contains(module), "\(file.path):\(number + 1) imports \(module)")
            }
            if let users = outsideArrows[module] {
                #expect(
                    users.contains(file.target),
                    "\(file.path):\(number + 1) imports \(module)"
                )
            }
        }
    }

    @Test("Lines and files stay short", arguments: SourceFile.sources + SourceFile.tests)
    func sizes(file: SourceFile) {
        #expect(file.lines.count <= fileLinesMax + 1, "\(file.path): \(file.lines.count) lines")
        for (number, line) in file.lines.enumerated() where line.count > lineColumnsMax {
            Issue.record("\(file.path):\(number + 1) is \(line.count) columns wide")
        }
    }

    @Test("Functions stay short", arguments: SourceFile.sources)
    func functionSizes(file: SourceFile) {
        var start: (number: Int, indent: Int)?
        for (number, line) in file.lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let isFunction =
                (line.holds("func ") || line.holds("init"))
                && line.contains(/^\s*(?:\w+\s|@\w+\S*\s)*(?:func |init[?(<])/)
            if isFunction, start == nil {
                start = (number, indent)
            } else if let open = start, indent == open.indent, line.dropFirst(indent) == "}" {
                #expect(
                    number - open.number + 1 <= functionLinesMax,
                    "\(file.path):\(open.number + 1) has \(number - open.number + 1) lines"
                )
                start = nil
            } else if let open = start, indent <= open.indent, !line.isEmpty, isFunction {
                start = (number, indent)
            }
        }
    }

    @Test("Banned text is absent", arguments: SourceFile.sources)
    func banned(file: SourceFile) {
        for (number, line) in file.lines.enumerated() {
            for ban in bans where !ban.except.contains(file.target) && line.holds(ban.text) {
                Issue.record(
                    "\(file.path):\(number + 1): \(ban.text) is banned, use \(ban.instead)"
                )
            }
        }
    }

    @Test("Only the public targets have public declarations", arguments: SourceFile.sources)
    func access(file: SourceFile) {
        guard !publicTargets.contains(file.target) else { return }
        for (number, line) in file.lines.enumerated()
        where line.holds("public ") && line.contains(/^\s*public (?!import)/) {
            Issue.record("\(file.path):\(number + 1): public, write package")
        }
    }

    @Test("Nothing in the tree names the machine it was written on")
    func paths() throws {
        let home = "/" + "tmp/w/"
        for file in SourceFile.sources + SourceFile.tests {
            for (number, line) in file.lines.enumerated() where line.holds(home) {
                Issue.record("\(file.path):\(number + 1) names a path of one machine")
            }
        }
    }
}

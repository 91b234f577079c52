import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Mapping files")
struct ImportMappingTests {
    private func mapping(_ text: String) throws(MappingError) -> ImportMapping {
        try ImportMapping(json: Array(text.utf8))
    }

    @Test("Presets are mapping files and read as such", arguments: Preset.all)
    func presets(preset: Preset) throws {
        let mapping = try ImportMapping(json: preset.json)
        #expect(mapping.source == preset.name)
        #expect(try Preset.mapping(named: preset.name) == mapping)
    }

    @Test("A preset that does not exist is refused with the list of those that do")
    func unknownPreset() {
        let names = ["bpi2013-incidents", "servicenow-incidents"]
        #expect(throws: MappingError.unknownPreset(name: "jira", presets: names)) {
            try Preset.mapping(named: "jira")
        }
    }

    @Test("A mapping is read whole")
    func whole() throws {
        let extra = """
            "delimiter": ";", "agent": {"column": "who", "identities": "names"},
            "actor": {"column": "by", "identities": "pseudonyms", "kind": "bot"},
            "site": {"column": "place", "nulls": ["0"]}, "labels": {"queue": "team"},
            "tier": {"teamSuffixes": [{"suffix": " 2nd", "tier": "t2"}], "otherwise": "t1"},
            "product": {"columns": ["a", "b"], "separator": "+"},
            "channel": {"column": "via", "values": {"Call": "phone"}},
            "slaMet": {"column": "ok", "met": ["y"], "breached": ["n"]}
            """
        let mapping = try TestMappings.csv(order: "file", extra: extra)
        #expect(mapping.delimiter == UInt8(ascii: ";"))
        #expect(mapping.agent?.identities == .names)
        #expect(mapping.actor?.kind == .bot)
        #expect(mapping.site?.nulls == ["0"])
        #expect(mapping.labels.map(\.name) == ["queue"])
        #expect(
            mapping.tier == .teamSuffixes([.init(suffix: " 2nd", tier: "t2")], otherwise: "t1")
        )
        #expect(mapping.product?.columns.map(\.name) == ["a", "b"])
        #expect(mapping.channel?.values == ["Call": "phone"])
        #expect(mapping.slaMet?.met == ["y"])
        #expect(mapping.order == .file)
        #expect(mapping.carries == [.custody, .status])
        let names = Set(mapping.columns.map(\.name))
        #expect(
            names == ["id", "at", "state", "team", "who", "by", "place", "a", "b", "via", "ok"]
        )
    }

    @Test(
        "A key that the schema does not have is refused with its path",
        arguments: [
            ("\"tema\": \"x\"", "tema"),
            ("\"site\": {\"column\": \"x\", \"null\": []}", "site.null"),
            ("\"agent\": {\"column\": \"x\", \"identities\": \"names\", \"a\": 1}", "agent.a"),
            (
                "\"tier\": {\"teamSuffixes\": [{\"suffix\": \"x\", \"tear\": \"\"}]}",
                "tier.teamSuffixes[0].tear"
            ),
        ]
    )
    func unknownKeys(extra: String, path: String) throws {
        let error = #expect(throws: MappingError.self) { try TestMappings.csv(extra: extra) }
        guard case .unknownKey(let found, _) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(found == path)
    }

    @Test(
        "A key that must be there is missed by name",
        arguments: [
            "caseledgerMapping", "source", "format", "case", "time", "order", "status", "carries",
        ]
    )
    func missingKeys(key: String) throws {
        let text = TestMappings.csvText().replacing("\"\(key)\":", with: "\"$schema\":")
        // The schema's address may be there; what it holds is not looked at.
        let error = #expect(throws: MappingError.self) { try self.mapping(text) }
        #expect(error == .missing(path: key))
    }

    @Test(
        "A value that the schema does not allow is refused with its path",
        arguments: [
            ("\"delimiter\": \"ab\"", "delimiter"), ("\"delimiter\": \"\\\"\"", "delimiter"),
            ("\"delimiter\": \"é\"", "delimiter"), ("\"site\": 7", "site"),
            ("\"site\": {\"trace\": \"x\"}", "site.trace"), ("\"site\": \"\"", "site"),
            ("\"site\": {\"column\": \"x\", \"columns\": [\"y\"]}", "site"),
            ("\"site\": {\"columns\": []}", "site.columns"),
            ("\"agent\": {\"column\": \"x\", \"identities\": \"full\"}", "agent.identities"),
            (
                "\"actor\": {\"column\": \"x\", \"identities\": \"names\", \"kind\": \"cat\"}",
                "actor.kind"
            ),
            ("\"channel\": {\"column\": \"x\", \"values\": {\"a\": \"fax\"}}", "channel"),
            ("\"labels\": {\"subject\": \"x\"}", "labels.subject"),
            ("\"labels\": {\"\": \"x\"}", "labels."),
            ("\"slaMet\": {\"column\": \"x\", \"met\": [], \"breached\": [\"n\"]}", "slaMet.met"),
        ]
    )
    func invalid(extra: String, path: String) throws {
        let error = #expect(throws: MappingError.self) { try TestMappings.csv(extra: extra) }
        guard case .invalid(let found, _) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(found == path)
    }

    @Test(
        "A rule that cannot mean anything is refused",
        arguments: [
            ("\"New\"], \"status\": \"open\"", "\"New\", \"x\"], \"status\": \"open\""),
            ("\"status\": \"open\"", "\"status\": \"notStated\""),
            ("\"status\": \"open\"", "\"status\": \"shut\""),
            ("\"status\": \"open\"", "\"status\": \"open\", \"waitingOn\": \"customer\""),
            ("\"waitingOn\": \"customer\"", "\"waitingOn\": \"none\""),
            ("\"format\": \"iso8601\"", "\"format\": \"whenever\""),
            ("\"caseledgerMapping\": \"1\"", "\"caseledgerMapping\": \"2\""),
            ("\"order\": \"time\"", "\"order\": \"luck\""),
            ("\"format\": \"csv\"", "\"format\": \"xml\""),
            ("\"carries\": [\"custody\"", "\"carries\": [\"mood\""),
        ]
    )
    func badRules(old: String, new: String) throws {
        let text = TestMappings.csvText()
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        let error = #expect(throws: MappingError.self) { try self.mapping(changed) }
        guard case .invalid = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test("A delimiter and a trace attribute are for their own formats only")
    func formats() {
        #expect(throws: MappingError.self) { try TestMappings.xes(extra: "\"delimiter\": \",\"") }
        #expect(throws: Never.self) { try TestMappings.xes(extra: "\"site\": {\"trace\": \"x\"}") }
    }

    @Test("What is no JSON object is refused", arguments: ["", "[]", "{", "nul", "{\"a\": 1,}"])
    func notJSON(text: String) {
        #expect(throws: MappingError.self) { try self.mapping(text) }
    }

    @Test("A mapping over one mebibyte is refused")
    func tooLong() {
        let bytes = [UInt8](repeating: 0x20, count: MappingError.fileBytesMax + 1)
        #expect(throws: MappingError.tooLong(bytes: bytes.count)) { try ImportMapping(json: bytes) }
    }

    @Test("Every mapping error has its own words")
    func descriptions() {
        let errors: [MappingError] = [
            .tooLong(bytes: 1), .notJSON(reason: "r"), .unknownKey(path: "p", allowed: ["a"]),
            .missing(path: "p"), .invalid(path: "p", reason: "r"),
            .unknownPreset(name: "n", presets: ["a"]),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }

    @Test("Mappings with bytes changed at random never crash the reader", arguments: 1...20)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for preset in Preset.all {
            for _ in 0..<20 {
                var bytes = preset.json
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let index = Int.random(in: bytes.indices, using: &random)
                    switch Int.random(in: 0...2, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                    case 1: bytes.remove(at: index)
                    default: bytes.removeSubrange(index..<min(index + 40, bytes.count))
                    }
                }
                _ = try? ImportMapping(json: bytes)
            }
        }
    }
}

@Suite("Published schema of mapping files")
struct MappingSchemaTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let validator = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sys.argv[2:]:
            print("valid" if validator.is_valid(json.load(open(path))) else "invalid")
        """

    private static var hasValidator: Bool {
        let found = try? ShellCommand.output(["python3", "-c", "import jsonschema; print(1)"])
        return found == Array("1\n".utf8)
    }

    private static func verdicts(_ mappings: [[UInt8]]) throws -> [String] {
        let directory = TemporaryDirectoryTrait.current
        var paths = [Self.root.appending(path: "docs/mapping.schema.json").path]
        for (index, mapping) in mappings.enumerated() {
            paths.append("\(directory)/\(index).json")
            try Data(mapping).write(to: URL(filePath: paths[index + 1]))
        }
        let output = try ShellCommand.output(["python3", "-c", Self.validator] + paths)
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(
        "It accepts the presets and refuses what the reader refuses",
        .temporaryDirectory,
        .enabled(
            if: hasValidator,
            "python3 has no jsonschema here; the published schema is NOT checked"
        )
    )
    func presets() throws {
        let presets = Preset.all.map(\.json)
        #expect(try Self.verdicts(presets) == presets.map { _ in "valid" })
        let bad = [
            TestMappings.csvText(extra: "\"tema\": \"x\""),
            TestMappings.csvText().replacing("\"case\": \"id\",", with: ""),
            TestMappings.csvText(extra: "\"site\": {\"column\": \"x\", \"columns\": [\"y\"]}"),
            TestMappings.csvText(order: "luck"),
        ].map { Array($0.utf8) }
        #expect(try Self.verdicts(bad) == bad.map { _ in "invalid" })
        for mapping in bad {
            #expect(throws: MappingError.self) { try ImportMapping(json: mapping) }
        }
        let good = [TestMappings.csvText(extra: "\"site\": {\"column\": \"x\"}")]
        #expect(try Self.verdicts(good.map { Array($0.utf8) }) == ["valid"])
    }
}

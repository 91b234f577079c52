import LedgerTesting
import LedgerTypes
import Testing

/// The schema is what a reader of another language has: it must say the same as our code.
@Suite(
    "Schema",
    .enabled(if: Protoc.isInstalled, "no protoc here: install protobuf-compiler to run these")
)
struct SchemaTests {
    @Test("protoc reads a leaf with every field as we mean it, and writes the same bytes")
    func leaf() throws {
        let leaf = Examples.leaf(try Examples.fullDraft(), Examples.fullStamp)
        let text = try Protoc.decode(leaf, as: "Leaf")
        #expect(text == SchemaText.leaf)
        let written = try Protoc.encode(text, as: "Leaf")
        #expect(written == leaf)
    }

    @Test("protoc reads a genesis as we mean it, and writes the same bytes")
    func genesis() throws {
        let leaf = try Examples.laterGenesis().leaf
        let text = try Protoc.decode(leaf, as: "Genesis")
        #expect(text.split(separator: "\n").filter { $0.contains("_key") }.count == 2)
        for line in SchemaText.genesis.split(separator: "\n") {
            #expect(text.contains(line), "\(text)")
        }
        let written = try Protoc.encode(text, as: "Genesis")
        #expect(written == leaf)
    }

    @Test("protoc reads any leaf, knowing every field of it", arguments: UInt64(0)..<4)
    func anyLeaf(seed: UInt64) throws {
        var maker = RandomDraft(seed: seed)
        for _ in 0..<5 {
            var draft = maker.next()
            draft.body = draft.body.map { EventBody(field: EventBody.customField, bytes: $0.bytes) }
            let leaf = Examples.leaf(draft, maker.stamp(labels: draft.labels.count))
            let text = try Protoc.decode(leaf, as: "Leaf")
            // A field without a name in the schema is printed by its number.
            let unknown = text.split(separator: "\n").filter { $0.contains(/^ *[0-9]/) }
            #expect(unknown.isEmpty, "seed \(seed)")
            #expect(text.contains("type: \"\(draft.type)\""), "seed \(seed)")
        }
    }

    @Test("protoc refuses what is no protobuf")
    func refuses() throws {
        #expect(throws: Protoc.Failure.self) { try Protoc.decode([0x0A, 0xFF], as: "Leaf") }
    }

    @Test("Every word of our vocabularies is in the schema under its number, and no other")
    func vocabularies() throws {
        let schema = try Protoc.schema()
        Self.compare(ActorKind.self, "ACTOR_KIND", schema)
        Self.compare(SiteKind.self, "SITE_KIND", schema)
        Self.compare(Classification.self, "CLASSIFICATION", schema)
        Self.compare(Genesis.Reason.self, "GENESIS_REASON", schema)
    }

    private static func compare<Word: Vocabulary>(
        _ words: Word.Type,
        _ prefix: String,
        _ schema: String
    ) {
        let words = SchemaWords(words, prefix: prefix, schema: schema)
        #expect(words.declared == words.ours)
    }
}

/// What protoc prints for the examples.
enum SchemaText {
    static let leaf = #"""
        id: "\001\'\361\242<Mz\274\215\357\001#Eg\211\253"
        type: "case.observed"
        schema_version: 300
        subject: "case:1-364285768"
        occurred: -1270047582000001
        history: true
        actor {
          actor_id: "Siebel"
          kind: ACTOR_KIND_AGENT
          role: "holder"
          tier: "2nd"
          team: "V5 3rd"
          site_id: "support.example/site/berlin"
          site_kind: SITE_KIND_OUTSOURCED
          programme: "rotation"
          tenure_days: 4294967295
          skills: "router"
          skills: "dsl"
          authority_limit {
            amount_minor: -12345
            currency: "EUR"
          }
        }
        on_behalf_of: "super-1"
        contact_id: "contact-7"
        handoff_id: "handoff-\303\251"
        escalation_id: "escalation-9"
        causation: "\377\377\377\377\377\377\177\377\277\377\377\377\377\377\377\377"
        label {
          name: "queue"
          value: "Dfx"
        }
        label {
          name: "brand"
          value: "\346\227\245\346\234\254"
        }
        classification: CLASSIFICATION_CONFIDENTIAL
        regulation: "gdpr"
        regulation: "ccpa"
        section {
          kind: "row"
          digest: "\021\021\021\021\021\021\021\021\"\"\"\"\"\"\"\"33333333DDDDDDDD"
          key_id: "\240\241\242\243\244\245\246\247\250\251\252\253\254\255\256\257"
          commitment: "\300\301\302\303\304\305\306\307\310\311\312\313\314\315\316\317"
          padded_length: 496
        }
        section {
          kind: "header"
          digest: "\021\021\021\021\021\021\021\021\"\"\"\"\"\"\"\"33333333DDDDDDDD"
          key_id: "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\001"
          commitment: "\000\001\002\003\004\005\006\007\010\t\n\013\014\r\016\017"
          padded_length: 16711680
        }
        custom: "\000\377\200"
        recorded: 83300797228318727
        order: 1270047582000001
        seen {
          log: "\001\002\003\004\005\006\007\010\t\n\013\014\r\016\017\020"
          index: 18446744073709551615
        }
        seen {
          log: "\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377"
          index: 127
        }
        was {
          log: "\001\002\003\004\005\006\007\010\t\n\013\014\r\016\017\020"
          index: 128
          recorded: 1
        }
        label_sequence {
          sequence: 5
          previous: 4000
        }
        label_sequence {
          sequence: 16384
          previous: 1
        }
        label_sequence {
          sequence: 2
          previous: 3
        }

        """#

    static let genesis = #"""
        version: 1
        site: "support.example/site/berlin"
        site_key: "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"
        incarnation: 130
        nonce: "\000\001\002\003\004\005\006\007\010\t\n\013\014\r\016\017"
        reason: GENESIS_REASON_REKEY
        parent {
          log: "\001\002\003\004\005\006\007\010\t\n\013\014\r\016\017\020"
          size: 65537
          root: "\021\021\021\021\021\021\021\021\"\"\"\"\"\"\"\"33333333DDDDDDDD"
        }
        recorded: 83300797228318720
        """#
}

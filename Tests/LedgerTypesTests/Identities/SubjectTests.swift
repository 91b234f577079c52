import LedgerTypes
import Testing

@Suite("Subject")
struct SubjectTests {
    @Test(
        "An id of 1 to 255 bytes without control characters or outer spaces is one",
        arguments: [
            "case:1", "case:1-364285768", "case:a b", "contact:ü", "case::", "case:\u{301}x",
            "case:" + String(repeating: "x", count: 255), "agent:日本語", "case:x\u{2028}y",
        ]
    )
    func accepts(text: String) throws {
        let subject = try #require(Subject(text))
        #expect(subject.rawValue == text)
        let isSubject = Subject.isSubject(Array(text.utf8).span)
        #expect(isSubject)
        #expect(Subject(kind: subject.kind, id: subject.id) == subject)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "case", "case:", ":1", "case: 1", "case:1 ", "case:\t1", "case:1\n", "case:\u{85}x",
            "case:\u{A0}x", "case:x\u{3000}", "case:x\u{7F}y", "ca se:1", "case1:x", "cäse:1",
            "case:" + String(repeating: "x", count: 256),
            "case:" + String(repeating: "ü", count: 128),
            String(repeating: "k", count: 33) + ":1",
        ]
    )
    func refuses(text: String) {
        #expect(Subject(text) == nil)
        let isSubject = Subject.isSubject(Array(text.utf8).span)
        #expect(!isSubject)
    }

    @Test("Bytes that are not UTF-8 are none")
    func notUTF8() {
        let bytes = Array("case:".utf8) + [0xC3, 0x28]
        let isSubject = Subject.isSubject(bytes.span)
        #expect(!isSubject)
    }

    /// Lost otherwise: `kind` took the colon and the mark after it for one character and answered
    /// with the whole text.
    @Test("A mark right after the colon belongs to the id")
    func combiningMark() throws {
        let subject = try #require(Subject("case:\u{301}x"))
        #expect(subject.kind == "case")
        #expect(Array(subject.id.utf8) == Array("\u{301}x".utf8))
        #expect(subject.isCase)
    }

    /// Lost otherwise: two cases of a source would be one in memory and two in the store.
    @Test("Ids that differ only in normal form are two subjects")
    func normalForms() throws {
        let composed = try #require(Subject("case:caf\u{E9}"))
        let decomposed = try #require(Subject("case:cafe\u{301}"))
        #expect(composed.rawValue == decomposed.rawValue)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(Label(name: "q", value: composed.id) != Label(name: "q", value: decomposed.id))
    }
}

@Suite("SiteName")
struct SiteNameTests {
    @Test("A name of 1 to 200 bytes without white space, plus or control characters is one")
    func accepts() {
        #expect(SiteName("support.example/site/berlin")?.rawValue == "support.example/site/berlin")
        #expect(SiteName(String(repeating: "x", count: 200)) != nil)
        #expect(SiteName("caf\u{E9}") != SiteName("cafe\u{301}"))
    }

    @Test(
        "Anything else is none",
        arguments: ["", "a b", "a+b", "a\u{0}", "a\u{A0}b", String(repeating: "x", count: 201)]
    )
    func refuses(text: String) {
        #expect(SiteName(text) == nil)
    }
}

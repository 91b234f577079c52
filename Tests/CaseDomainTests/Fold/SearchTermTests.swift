import CaseDomain
import Testing

@Suite("Search terms")
struct SearchTermTests {
    @Test(
        "A telephone number is its digits, however it is written",
        arguments: [
            "+49 30 12345678", "0049 30 12345678", "+49 (0)30 123 456-78", "tel:+49-30-12345678",
            "(+49) 30/1234.5678", "49 30 12345678",
        ]
    )
    func phone(text: String) {
        // A number whose + stands inside brackets is not one that a telephone would write.
        guard text.first != "(" else {
            #expect(SearchTerm(.phone, text) == nil)
            return
        }
        #expect(SearchTerm(.phone, text)?.form == "493012345678")
        #expect(SearchTerm(.phoneEnd, text)?.form == "12345678")
    }

    @Test("What is no telephone number, mail address or serial number is none")
    func refusals() {
        for text in ["", "1234", "12345a", "call 030 12345", "+", "3+45678"] {
            #expect(SearchTerm(.phone, text) == nil, "\(text)")
        }
        #expect(SearchTerm(.phoneEnd, "1234567") == nil)
        for text in ["", "@erika", "erika@", "a b@c.d", "erika"] {
            #expect(SearchTerm(.mail, text) == nil, "\(text)")
        }
        #expect(SearchTerm(.serial, " -/. ") == nil)
        #expect(SearchTerm(.reference, "  ") == nil)
        #expect(SearchTerm(.notStated, "x") == nil)
    }

    @Test("Letters are folded by ASCII rules alone")
    func letters() {
        #expect(SearchTerm(.mail, " Erika.Müller@EXAMPLE.org ")?.form == "erika.müller@example.org")
        #expect(SearchTerm(.mail, "ÄB@x.y")?.form == "Äb@x.y")
        #expect(SearchTerm(.serial, "ab-12_3.c/ü:4 #5")?.form == "AB123Cü45")
        #expect(SearchTerm(.reference, " Jira-12 ")?.form == "jira-12")
    }

    @Test("A contact point is what it looks like")
    func contactPoints() {
        func kinds(_ text: String) -> [SearchKind] {
            SearchTerm.terms(ofContactPoint: text).map(\.kind)
        }
        #expect(kinds("erika@example.org") == [.mail])
        #expect(kinds("+49 30 12345678") == [.phone, .phoneEnd])
        #expect(kinds("112 45") == [.phone])
        #expect(kinds("@erika") == [.reference])
        #expect(kinds(" ").isEmpty)
    }
}

import Testing

@testable import Replication

@Suite("Key phrases")
struct KeyPhraseTests {
    @Test("Every byte has a word of its own, told from all others by four letters")
    func list() {
        #expect(KeyPhrase.list.count == 256)
        #expect(Set(KeyPhrase.list.map { $0.prefix(4) }).count == 256)
        #expect(KeyPhrase.list == KeyPhrase.list.sorted())
    }

    @Test("A key has the phrase that docs/SYNC.md gives, and another key another")
    func phrase() {
        let zeroes = [UInt8](repeating: 0, count: 32)
        #expect(
            KeyPhrase.words(of: zeroes)
                == "avenue mosaic siren clover album mirror pillow artist"
        )
        let words = KeyPhrase.words(of: [1] + zeroes.dropFirst())
        #expect(words.split(separator: " ").count == KeyPhrase.wordCount)
        #expect(words != KeyPhrase.words(of: zeroes))
    }
}

import LedgerTesting
import LedgerTypes

@testable import Interchange

/// An import that has been run to its end.
struct ImportFixture {
    var rows: [ImportedRow] = []
    var errors: [RowError] = []
    var header: SourceHeader?

    /// Imports all of `source`.
    init(
        _ source: ByteSource,
        mapping: ImportMapping,
        pseudonym: ((String, String) -> String)? = nil
    ) throws(ImportFailure) {
        let importer = try EventImporter(
            source: source,
            mapping: mapping,
            settings: EventImporter.Settings(
                temporaryDirectory: TemporaryDirectoryTrait.current,
                pseudonym: pseudonym
            )
        )
        while let items = try importer.next() {
            self.rows += items.compactMap(\.row)
            self.errors += items.compactMap(\.error)
        }
        self.header = importer.header
    }

    /// Imports `text`.
    init(_ text: String, mapping: ImportMapping) throws(ImportFailure) {
        try self.init(.bytes(Array(text.utf8)), mapping: mapping)
    }
}

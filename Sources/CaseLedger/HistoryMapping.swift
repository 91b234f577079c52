internal import Interchange

/// How the rows of a source become events: a mapping file, or one that comes with the library.
///
/// The published schema is docs/mapping.schema.json.
public struct HistoryMapping: Sendable {
    let mapping: ImportMapping

    /// Reads a mapping file's bytes.
    ///
    /// - Throws: ``LedgerError/mapping(_:)`` naming the path inside the file.
    public init(json: [UInt8]) throws(LedgerError) {
        do throws(MappingError) {
            self.mapping = try ImportMapping(json: json)
        } catch {
            throw .mapping(error.description)
        }
    }

    /// The mapping called `name`, one of ``presetNames``.
    ///
    /// - Throws: ``LedgerError/mapping(_:)`` if there is none such.
    public init(preset name: String) throws(LedgerError) {
        do throws(MappingError) {
            self.mapping = try Preset.mapping(named: name)
        } catch {
            throw .mapping(error.description)
        }
    }

    /// The mappings that come with the library.
    public static var presetNames: [String] { Preset.all.map(\.name) }

    /// The mapping file of a preset, to start a mapping of one's own from.
    ///
    /// - Throws: ``LedgerError/mapping(_:)`` if there is none such.
    public static func presetText(_ name: String) throws(LedgerError) -> [UInt8] {
        guard let preset = Preset.all.first(where: { $0.name == name }) else {
            _ = try HistoryMapping(preset: name)
            return []
        }
        return preset.json
    }
}

/// A mapping that comes with the program. It can do nothing that a mapping file cannot.
package struct Preset: Hashable, Sendable {
    /// The name, as given to `--preset`.
    package let name: String
    /// The mapping file.
    package let json: [UInt8]

    /// Every preset, in order of the names.
    package static let all = [
        Preset(name: "bpi2013-incidents", json: PackageResources.bpi2013_incidents_json),
        Preset(name: "servicenow-incidents", json: PackageResources.servicenow_incidents_json),
    ]

    /// The mapping of the preset called `name`.
    package static func mapping(named name: String) throws(MappingError) -> ImportMapping {
        guard let preset = Self.all.first(where: { $0.name == name }) else {
            throw .unknownPreset(name: name, presets: Self.all.map(\.name))
        }
        return try ImportMapping(json: preset.json)
    }
}

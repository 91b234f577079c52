/// Why a mapping file is not one.
package enum MappingError: Error, Hashable, Sendable {
    /// The most bytes of a mapping file.
    package static let fileBytesMax = 1 << 20

    /// Longer than ``fileBytesMax``.
    case tooLong(bytes: Int)
    /// Not JSON, or not an object.
    case notJSON(reason: String)
    /// A key that the schema does not have.
    case unknownKey(path: String, allowed: [String])
    /// A key that the schema demands.
    case missing(path: String)
    /// A value that the schema does not allow.
    case invalid(path: String, reason: String)
    /// There is no preset of this name.
    case unknownPreset(name: String, presets: [String])
}

extension MappingError: CustomStringConvertible {
    /// What is wrong and where, as a sentence without the file's name.
    package var description: String {
        switch self {
        case .tooLong(let bytes):
            "the mapping has \(bytes) bytes; at most \(Self.fileBytesMax) are allowed"
        case .notJSON(let reason): "the mapping is not a JSON object: \(reason)"
        case .unknownKey(let path, let allowed):
            "the mapping has an unknown key \(path); known here: \(allowed.joined(separator: ", "))"
        case .missing(let path): "the mapping lacks \(path)"
        case .invalid(let path, let reason): "\(path) of the mapping: \(reason)"
        case .unknownPreset(let name, let presets):
            "there is no preset \"\(name)\"; there are: \(presets.joined(separator: ", "))"
        }
    }
}

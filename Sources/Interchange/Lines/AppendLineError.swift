/// Why a line of `append` input is not an event.
package enum AppendLineError: Error, Hashable, Sendable {
    /// Longer than ``AppendLine/bytesMax``.
    case tooLong(bytes: Int)
    /// Not a JSON object.
    case notJSON(reason: String)
    /// A key that an append line does not have.
    case unknownKey(String)
    /// An attribute that a CloudEvent for a ledger does not have.
    case unknownAttribute(String)
    /// A key that an append line needs.
    case missing(String)
    /// Two keys of which only one may be there.
    case both(String, String)
    /// A value that does not fit its key.
    case invalid(key: String, reason: String)
    /// A type that the catalogue does not have.
    case unknownType(String)
    /// Fields that are longer than they may be.
    case tooLarge([String])
}

extension AppendLineError: CustomStringConvertible {
    /// What is wrong, as a sentence without the place.
    package var description: String {
        switch self {
        case .tooLong(let bytes):
            "the line has \(bytes) bytes; at most \(AppendLine.bytesMax) are allowed"
        case .notJSON(let reason): "the line is not a JSON object: \(reason)"
        case .unknownKey(let key):
            "an event has no key \"\(key)\"; it has: \(AppendLine.keys.joined(separator: ", "))"
        case .unknownAttribute(let key):
            "a CloudEvent has no attribute \"\(key)\" here; it has: "
                + CloudEventReader.attributes.joined(separator: ", ")
        case .missing(let key): "the event lacks \"\(key)\""
        case .both(let one, let other): "the event has both \"\(one)\" and \"\(other)\""
        case .invalid(let key, let reason): "\"\(key)\": \(reason)"
        case .unknownType(let type): "there is no event type \"\(type)\""
        case .tooLarge(let fields): fields.joined(separator: "; ")
        }
    }
}

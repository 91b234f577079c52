internal import FoundationEssentials

/// A JSON value as parsed, so that unknown keys can be refused with their path.
enum JSONTree: Decodable {
    case null
    case bool(Bool)
    case number
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([String: JSONTree].self) {
            self = .object(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .array(value)
        } else {
            _ = try container.decode(Double.self)
            self = .number
        }
    }

    init(parsing bytes: [UInt8]) throws(MappingError) {
        do {
            self = try JSONDecoder().decode(JSONTree.self, from: Data(bytes))
        } catch DecodingError.dataCorrupted(let context) {
            throw .notJSON(reason: context.debugDescription)
        } catch {
            throw .notJSON(reason: "not JSON")
        }
    }
}

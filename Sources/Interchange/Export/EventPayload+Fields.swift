package import CaseDomain
internal import LedgerTypes

extension EventPayload {
    /// What event logs and tables show of an event's own fields: the clear ones; of a caller's own
    /// type the texts, numbers and truths at the top of its JSON, as text.
    package var tableFields: [ClearField] {
        guard case .unknown(_, let body, _) = self else { return self.clearFields }
        guard let body, body.field == EventBody.customField,
            case .object(let object)? = JSONValue(body.bytes)
        else { return [] }
        return object.sorted { $0.key < $1.key }.compactMap { name, value in
            value.plainText.map { ClearField(name, .text($0)) }
        }
    }
}

extension JSONValue {
    /// The value as text, if it is one.
    fileprivate var plainText: String? {
        switch self {
        case .null, .array, .object: nil
        case .bool(let flag): flag ? "true" : "false"
        case .signed(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): text
        }
    }
}

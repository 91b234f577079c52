internal import LedgerTypes

/// One value of a mapping file with the path that leads to it.
struct MappingNode {
    let path: String
    let tree: JSONTree

    /// The members of an object, of which only `allowed` may be there.
    func object(allowed: [String]) throws(MappingError) -> MappingObject {
        guard case .object(let members) = self.tree else {
            throw .invalid(path: self.name, reason: "must be an object")
        }
        for key in members.keys.sorted() where !allowed.contains(key) {
            throw .unknownKey(path: self.path(of: key), allowed: allowed)
        }
        return MappingObject(node: self, members: members)
    }

    /// The members of an object whose keys are free, in order of the keys.
    func members() throws(MappingError) -> [(key: String, value: MappingNode)] {
        guard case .object(let members) = self.tree else {
            throw .invalid(path: self.name, reason: "must be an object")
        }
        return members.keys.sorted().compactMap { key in
            members[key].map { (key, MappingNode(path: self.path(of: key), tree: $0)) }
        }
    }

    /// The elements of an array.
    func elements(countMin: Int = 0) throws(MappingError) -> [MappingNode] {
        guard case .array(let elements) = self.tree else {
            throw .invalid(path: self.name, reason: "must be an array")
        }
        guard elements.count >= countMin else {
            throw .invalid(path: self.name, reason: "needs at least \(countMin) elements")
        }
        return elements.enumerated().map { index, element in
            MappingNode(path: "\(self.path)[\(index)]", tree: element)
        }
    }

    /// The text, not empty unless `mayBeEmpty`.
    func string(mayBeEmpty: Bool = false) throws(MappingError) -> String {
        guard case .string(let text) = self.tree else {
            throw .invalid(path: self.name, reason: "must be a string")
        }
        guard mayBeEmpty || !text.isEmpty else {
            throw .invalid(path: self.name, reason: "must not be empty")
        }
        return text
    }

    /// A list of texts.
    func strings(countMin: Int = 0) throws(MappingError) -> [String] {
        var texts: [String] = []
        for element in try self.elements(countMin: countMin) {
            texts.append(try element.string(mayBeEmpty: true))
        }
        return texts
    }

    /// A word of a list.
    func word<Word: RawRepresentable & CaseIterable>(
        of type: Word.Type = Word.self
    ) throws(MappingError) -> Word where Word.RawValue == String {
        let text = try self.string()
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(path: self.name, reason: "\"\(text)\" is not one of: \(words)")
        }
        return word
    }

    /// A word of a vocabulary, but none of `refused`.
    func word<Word: Vocabulary>(without refused: [Word]) throws(MappingError) -> Word {
        let text = try self.string()
        guard let word = Word(name: text), !refused.contains(word) else {
            let words = Word.allCases.filter { !refused.contains($0) }.map(\.name)
            let list = words.joined(separator: ", ")
            throw .invalid(path: self.name, reason: "\"\(text)\" is not one of: \(list)")
        }
        return word
    }

    /// The path as shown to people.
    var name: String { self.path.isEmpty ? "the top level" : self.path }

    func path(of key: String) -> String { self.path.isEmpty ? key : "\(self.path).\(key)" }
}

/// The members of an object in a mapping file.
struct MappingObject {
    let node: MappingNode
    let members: [String: JSONTree]

    /// The member `key`, if it is there and not null.
    func optional(_ key: String) -> MappingNode? {
        guard let tree = self.members[key] else { return nil }
        if case .null = tree { return nil }
        return MappingNode(path: self.node.path(of: key), tree: tree)
    }

    /// The member `key`.
    func required(_ key: String) throws(MappingError) -> MappingNode {
        guard let node = self.optional(key) else {
            throw .missing(path: self.node.path(of: key))
        }
        return node
    }
}

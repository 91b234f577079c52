/// Writes an XES document piece by piece. Pure: the caller takes the bytes and puts them somewhere.
///
/// What ``XESReader`` read comes back attribute for attribute; white space and comments do not.
package struct XESWriter: Sendable {
    private var bytes: [UInt8] = []
    private var depth = 0

    /// U+FFFD in UTF-8.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Creates a writer that has written nothing.
    package init() {}

    /// Begins the document; `attributes` are those of a section `log`.
    package mutating func beginLog(_ attributes: [SourceAttribute]) {
        self.bytes.append(contentsOf: #"<?xml version="1.0" encoding="UTF-8"?>"#.utf8)
        self.begin("log", attributes)
    }

    /// Begins a trace; `attributes` are those of a section `trace`.
    package mutating func beginTrace(_ attributes: [SourceAttribute]) {
        self.begin("trace", attributes)
    }

    /// Writes an event.
    package mutating func event(_ attributes: [SourceAttribute]) {
        self.begin("event", attributes)
        self.end("event")
    }

    /// Ends the trace.
    package mutating func endTrace() { self.end("trace") }

    /// Ends the document.
    package mutating func endLog() {
        self.end("log")
        self.bytes.append(UInt8(ascii: "\n"))
    }

    /// What was written since the last call.
    package mutating func takeBytes() -> [UInt8] {
        defer { self.bytes.removeAll(keepingCapacity: true) }
        return self.bytes
    }

    /// Bytes written and not taken.
    package var pendingBytes: Int { self.bytes.count }

    private mutating func begin(_ name: String, _ attributes: [SourceAttribute]) {
        self.newLine()
        self.bytes.append(UInt8(ascii: "<"))
        self.bytes.append(contentsOf: name.utf8)
        self.xmlAttributes(of: attributes)
        self.bytes.append(UInt8(ascii: ">"))
        self.depth += 1
        for attribute in attributes where !attribute.isXMLAttribute { self.write(attribute) }
    }

    private mutating func end(_ name: String) {
        self.depth -= 1
        self.newLine()
        self.bytes.append(contentsOf: "</\(name)>".utf8)
    }

    private mutating func write(_ attribute: SourceAttribute) {
        guard attribute.type != SourceAttribute.textType else {
            return self.escape(attribute.value ?? "", isAttribute: false)
        }
        let name = Self.isName(attribute.type) ? attribute.type : SourceAttribute.usualType
        self.newLine()
        self.bytes.append(UInt8(ascii: "<"))
        self.bytes.append(contentsOf: name.utf8)
        if let key = attribute.key { self.pair("key", key) }
        if let value = attribute.value { self.pair("value", value) }
        self.xmlAttributes(of: attribute.children)
        let elements = attribute.children.filter { !$0.isXMLAttribute }
        guard !elements.isEmpty else {
            self.bytes.append(contentsOf: "/>".utf8)
            return
        }
        self.bytes.append(UInt8(ascii: ">"))
        self.depth += 1
        for element in elements { self.write(element) }
        self.depth -= 1
        if elements.last?.type != SourceAttribute.textType { self.newLine() }
        self.bytes.append(contentsOf: "</\(name)>".utf8)
    }

    private mutating func xmlAttributes(of attributes: [SourceAttribute]) {
        var used = ["key", "value"]
        for attribute in attributes where attribute.isXMLAttribute {
            guard let name = attribute.key, Self.isName(name), !used.contains(name) else {
                continue
            }
            used.append(name)
            self.pair(name, attribute.value ?? "")
        }
    }

    /// Whether XML allows the name. Rows of other sites come from outside: one that reading never
    /// made must not break the document.
    private static func isName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, Self.isNameStart(first.value) else {
            return false
        }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x2D, 0x2E, 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
            default: Self.isNameStart(scalar.value)
            }
        }
    }

    /// NameStartChar of XML 1.0, fifth edition, 2.3.
    private static func isNameStart(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF,
            0x370...0x37D, 0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F, 0x2C00...0x2FEF,
            0x3001...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFFD, 0x10000...0xEFFFF:
            true
        default: false
        }
    }

    private mutating func pair(_ name: String, _ value: String) {
        self.bytes.append(UInt8(ascii: " "))
        self.bytes.append(contentsOf: name.utf8)
        self.bytes.append(contentsOf: "=\"".utf8)
        self.escape(value, isAttribute: true)
        self.bytes.append(UInt8(ascii: "\""))
    }

    /// Writes `text` so that an XML reader gives it back. Control characters that XML 1.0 cannot
    /// hold become U+FFFD; only a row that did not come from XML can have them.
    private mutating func escape(_ text: String, isAttribute: Bool) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: self.bytes.append(contentsOf: "&amp;".utf8)
            case 0x3C: self.bytes.append(contentsOf: "&lt;".utf8)
            case 0x3E: self.bytes.append(contentsOf: "&gt;".utf8)
            case 0x22 where isAttribute: self.bytes.append(contentsOf: "&quot;".utf8)
            // A reader turns these into spaces or line feeds unless they are references.
            case 0x09 where isAttribute, 0x0A where isAttribute, 0x0D:
                self.bytes.append(contentsOf: "&#\(scalar.value);".utf8)
            case 0x09, 0x0A: self.bytes.append(UInt8(scalar.value))
            case 0x00..<0x20, 0xFFFE, 0xFFFF: self.bytes.append(contentsOf: Self.replacement)
            case 0x20..<0x80: self.bytes.append(UInt8(scalar.value))
            default: self.bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
    }

    private mutating func newLine() {
        guard !self.bytes.isEmpty || self.depth > 0 else { return }
        self.bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<self.depth { self.bytes.append(UInt8(ascii: "\t")) }
    }
}

extension SourceAttribute {
    /// Whether it stands for an XML attribute of the element that holds it.
    var isXMLAttribute: Bool { self.type == Self.xmlAttributeType }
}

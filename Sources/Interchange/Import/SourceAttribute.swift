package import LedgerTypes

/// One attribute of an XES event, trace or log: (type, key, value, children).
///
/// The list form of docs/FORMAT.md. Nothing of the element is lost: XML attributes other than `key`
/// and `value` become children of type `@`, character data that is not white space a child of type
/// `#`, both before the nested elements.
package struct SourceAttribute: Hashable, Sendable {
    /// The type that is left out of the encoding, being nearly every one.
    package static let usualType = "string"
    /// The type of a child that stands for an XML attribute of the element.
    package static let xmlAttributeType = "@"
    /// The type of a child that stands for character data of the element.
    package static let textType = "#"
    /// The deepest nesting that is read.
    package static let depthMax = 64

    /// The element's name.
    package var type: String
    /// The attribute `key`, if the element has it.
    package var key: String?
    /// The attribute `value`, if the element has it.
    package var value: String?
    /// Nested attributes, in file order.
    package var children: [SourceAttribute]

    /// Creates an attribute.
    package init(
        type: String = SourceAttribute.usualType,
        key: String?,
        value: String?,
        children: [SourceAttribute] = []
    ) {
        self.type = type
        self.key = key
        self.value = value
        self.children = children
    }
}

extension SourceAttribute {
    /// Encodes a list as the protobuf message `SourceRow`.
    package static func encode(_ attributes: [SourceAttribute]) -> [UInt8] {
        var wire = WireWriter()
        for attribute in attributes {
            wire.message(field: 1) { attribute.encode(to: &$0) }
        }
        return wire.bytes
    }

    /// Reads a list from the protobuf message `SourceRow`.
    package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> [SourceAttribute] {
        var attributes: [SourceAttribute] = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            attributes.append(try Self.decode(bytes, at: try field.range, depth: 1))
        }
        return attributes
    }

    private func encode(to wire: inout WireWriter) {
        if self.type != Self.usualType { wire.string(self.type, field: 1) }
        wire.string(self.key, field: 2)
        wire.string(self.value, field: 3)
        for child in self.children {
            wire.message(field: 4) { child.encode(to: &$0) }
        }
    }

    private static func decode(
        _ bytes: Span<UInt8>,
        at range: Range<Int>,
        depth: Int
    ) throws(WireError) -> SourceAttribute {
        guard depth <= Self.depthMax else { throw .outOfRange(field: 4) }
        var attribute = SourceAttribute(key: nil, value: nil)
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: attribute.type = try reader.string(field)
            case 2: attribute.key = try reader.string(field)
            case 3: attribute.value = try reader.string(field)
            case 4:
                let range = try field.range
                attribute.children.append(try Self.decode(bytes, at: range, depth: depth + 1))
            default: break
            }
        }
        return attribute
    }

    /// Roughly the bytes that the attribute takes without its children; never less than one.
    var ownBytes: Int {
        8 + self.type.utf8.count + (self.key?.utf8.count ?? 0) + (self.value?.utf8.count ?? 0)
    }
}

internal import CExpat

/// Reads an XES document (IEEE 1849) as its bytes arrive, with expat. Belongs to one task.
///
/// Elements it does not know are kept as attributes. Defaults of `<global>` are never put into
/// events: an attribute that an event does not have is absent. Invariants: `open` holds the
/// attributes that have begun and not ended, outermost first; it is empty whenever a log, a trace
/// or an event begins or ends.
@safe
final class XESReader {
    /// The most bytes that an event may take before reading stops.
    static let eventBytesMax = 8 << 20

    private enum Place { case beforeLog, log, trace, event, afterLog }

    /// Owned; freed in `deinit`. Expat calls back only while `feed` runs, on the same thread.
    private let parser: XML_Parser
    private var place = Place.beforeLog
    private var open: [SourceAttribute] = []
    private var trace: [SourceAttribute] = []
    private var isInTrace = false
    private var eventsInTrace = 0
    private var event: [SourceAttribute] = []
    private var eventLine = 0
    private var bytes = 0
    private var failure: ImportFailure?
    /// Events that have ended and were not taken yet.
    private var events: [XESEvent] = []
    private var hasTraces = false

    /// The attributes and declarations of the log, in file order. Complete at the first event.
    private(set) var log: [SourceAttribute] = []

    init() throws(ImportFailure) {
        guard let parser = unsafe XML_ParserCreate(nil) else {
            throw .notWellFormed(line: 0, column: 0, reason: "expat does not start")
        }
        unsafe self.parser = parser
        self.setHandlers()
    }

    deinit { unsafe XML_ParserFree(self.parser) }

    /// Reads the next bytes; `isFinal` says that none follow.
    func feed(_ chunk: [UInt8], isFinal: Bool) throws(ImportFailure) -> [XESEvent] {
        // Expat copies what it needs before it returns.
        let status = unsafe chunk.withUnsafeBytes { bytes in
            unsafe XML_Parse(
                self.parser,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(bytes.count),
                isFinal ? 1 : 0
            )
        }
        if let failure { throw failure }
        guard status == XML_STATUS_OK else { throw self.parseFailure() }
        defer { self.events = [] }
        return self.events
    }

    private func parseFailure() -> ImportFailure {
        let code = unsafe XML_GetErrorCode(self.parser)
        let reason = unsafe XML_ErrorString(code).map { unsafe String(cString: $0) }
        return .notWellFormed(
            line: self.line,
            column: Int(unsafe XML_GetCurrentColumnNumber(self.parser)) + 1,
            reason: reason ?? "expat error \(code.rawValue)"
        )
    }

    private var line: Int { Int(unsafe XML_GetCurrentLineNumber(self.parser)) }

    // The user data is this object, unretained: it outlives the parser it owns.
    private func setHandlers() {
        unsafe XML_SetUserData(self.parser, Unmanaged.passUnretained(self).toOpaque())
        unsafe XML_SetElementHandler(
            self.parser,
            { data, name, attributes in
                guard let reader = unsafe XESReader.from(data), let name = unsafe name else {
                    return
                }
                unsafe reader.begin(String(cString: name), attributes)
            },
            { data, _ in
                guard let reader = unsafe XESReader.from(data) else { return }
                reader.end()
            }
        )
        unsafe XML_SetCharacterDataHandler(self.parser) { data, text, count in
            guard let reader = unsafe XESReader.from(data), let text = unsafe text else { return }
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(count))
            unsafe reader.text(bytes)
        }
        unsafe XML_SetStartDoctypeDeclHandler(self.parser) { data, _, _, _, _ in
            guard let reader = unsafe XESReader.from(data) else { return }
            reader.stop(.documentType(line: reader.line))
        }
    }

    private static func from(_ data: UnsafeMutableRawPointer?) -> XESReader? {
        guard let data = unsafe data else { return nil }
        return unsafe Unmanaged<XESReader>.fromOpaque(data).takeUnretainedValue()
    }

    private func stop(_ failure: ImportFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        unsafe XML_StopParser(self.parser, 0)
    }
}

extension XESReader {
    /// An element begins. `attributes` is expat's list of names and values, ended by a null.
    private func begin(
        _ name: String,
        _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    ) {
        guard self.failure == nil else { return }
        switch (self.place, self.open.isEmpty, Self.localName(name)) {
        case (.beforeLog, _, "log"):
            self.place = .log
            self.log = unsafe Self.attribute(name, attributes).children
        case (.beforeLog, _, _):
            self.stop(.wrongFormat(expected: .xes, found: "XML whose root element is <\(name)>"))
        case (.log, true, "trace"):
            self.place = .trace
            self.isInTrace = true
            self.hasTraces = true
            self.trace = unsafe Self.attribute(name, attributes).children
            self.eventsInTrace = 0
            self.bytes = 0
        case (.log, true, "event"), (.trace, true, "event"):
            self.place = .event
            self.event = unsafe Self.attribute(name, attributes).children
            self.eventLine = self.line
            self.bytes = 0
        default:
            unsafe self.beginAttribute(Self.attribute(name, attributes))
        }
    }

    private func beginAttribute(_ attribute: SourceAttribute) {
        let isLate =
            self.place == .log ? self.hasTraces : self.place == .trace && self.eventsInTrace > 0
        guard !isLate, self.place != .afterLog else {
            return self.stop(.misplacedElement(line: self.line, name: attribute.type))
        }
        guard self.open.count < SourceAttribute.depthMax - 1 else {
            return self.stop(.tooDeep(line: self.line, limit: SourceAttribute.depthMax))
        }
        self.bytes += attribute.children.reduce(attribute.ownBytes) { $0 + $1.ownBytes }
        let (name, limit) =
            switch self.place {
            case .event: ("event", Self.eventBytesMax)
            case .trace: ("trace", ImportSection.bytesMax)
            default: ("log", ImportSection.bytesMax)
            }
        guard self.bytes <= limit else {
            return self.stop(.elementTooLong(line: self.line, name: name, limit: limit))
        }
        self.open.append(attribute)
    }

    /// An element ends.
    private func end() {
        guard self.failure == nil else { return }
        if let attribute = self.open.popLast() {
            if self.open.isEmpty {
                switch self.place {
                case .event: self.event.append(attribute)
                case .trace: self.trace.append(attribute)
                default: self.log.append(attribute)
                }
            } else {
                self.open[self.open.count - 1].children.append(attribute)
            }
            return
        }
        switch self.place {
        case .event: self.endEvent()
        case .trace:
            self.isInTrace = false
            self.place = .log
        default: self.place = .afterLog
        }
    }

    private func endEvent() {
        self.events.append(
            XESEvent(
                attributes: self.event,
                trace: self.isInTrace ? self.trace : nil,
                isFirstOfTrace: self.isInTrace && self.eventsInTrace == 0,
                line: self.eventLine,
                bytes: self.bytes
            )
        )
        self.hasTraces = true
        self.eventsInTrace += self.isInTrace ? 1 : 0
        self.event = []
        self.place = self.isInTrace ? .trace : .log
    }

    /// Character data, perhaps one of several pieces.
    private func text(_ bytes: UnsafeRawBufferPointer) {
        guard self.failure == nil, !self.open.isEmpty else { return }
        let element = self.open.count - 1
        let isSpace = unsafe bytes.allSatisfy {
            $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D
        }
        let last = self.open[element].children.indices.last
        let isGoingOn =
            last.map { self.open[element].children[$0].type == SourceAttribute.textType } ?? false
        guard !isSpace || isGoingOn else { return }
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        self.bytes += text.utf8.count
        guard self.bytes <= ImportSection.bytesMax else {
            let name = self.open[element].type
            let limit = ImportSection.bytesMax
            return self.stop(.elementTooLong(line: self.line, name: name, limit: limit))
        }
        if isGoingOn, let last {
            self.open[element].children[last].value?.append(text)
        } else {
            let child = SourceAttribute(type: SourceAttribute.textType, key: nil, value: text)
            self.open[element].children.append(child)
        }
    }

    private static func attribute(
        _ name: String,
        _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    ) -> SourceAttribute {
        var attribute = SourceAttribute(type: name, key: nil, value: nil)
        guard var next = unsafe attributes else { return attribute }
        while let name = unsafe next.pointee, let value = unsafe next.successor().pointee {
            let text = unsafe String(cString: value)
            let key = unsafe String(cString: name)
            switch key {
            case "key": attribute.key = text
            case "value": attribute.value = text
            default:
                let type = SourceAttribute.xmlAttributeType
                attribute.children.append(SourceAttribute(type: type, key: key, value: text))
            }
            unsafe next += 2
        }
        return attribute
    }

    /// The name without a namespace prefix.
    private static func localName(_ name: String) -> String {
        guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return name }
        return String(name[name.utf8.index(after: colon)...])
    }
}

@available(*, unavailable)
extension XESReader: Sendable {}

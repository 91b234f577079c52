import CaseDomain
import LedgerTypes

@testable import EventStore
@testable import Interchange
@testable import Merkle
@testable import Replication
@testable import Sealing

/// A parser of bytes that come from outside. It may refuse them, and may not trap, hang, or take
/// memory by a length that it has not checked; what it takes holds what `parse` expects of it.
struct Parser: Sendable {
    let name: String
    /// Inputs that it takes, made by our own code.
    let seeds: @Sendable () -> [[UInt8]]
    let parse: @Sendable ([UInt8]) -> Void
}

let parsers: [Parser] = [
    Parser(name: "leaf", seeds: Seeds.leaves, parse: Parsing.leaf),
    Parser(name: "wire", seeds: Seeds.leaves, parse: Parsing.wire),
    Parser(name: "payload", seeds: Seeds.payloads, parse: Parsing.payload),
    Parser(name: "section", seeds: Seeds.sections, parse: Parsing.section),
    Parser(name: "frames", seeds: Seeds.frames, parse: Parsing.frames),
    Parser(name: "messages", seeds: Seeds.messages, parse: Parsing.message),
    Parser(name: "bundle", seeds: Seeds.bundles, parse: Parsing.bundle),
    Parser(name: "bundle-frames", seeds: Seeds.bundleFrames, parse: Parsing.bundleFrames),
    Parser(name: "manifest", seeds: Seeds.manifests, parse: Parsing.manifest),
    Parser(name: "grant", seeds: Seeds.grants, parse: Parsing.grant),
    Parser(name: "note", seeds: Seeds.notes, parse: Parsing.note),
    Parser(name: "keys", seeds: Seeds.keys, parse: Parsing.keys),
    Parser(name: "proofs", seeds: Seeds.proofs, parse: Parsing.proof),
    Parser(name: "rows", seeds: Seeds.rows, parse: Parsing.row),
    Parser(name: "csv", seeds: Seeds.csv, parse: Parsing.csv),
    Parser(name: "xes", seeds: Seeds.xes, parse: Parsing.xes),
    Parser(name: "gzip", seeds: Seeds.gzip, parse: Parsing.gzip),
    Parser(name: "mapping", seeds: Seeds.mappings, parse: Parsing.mapping),
    Parser(name: "line", seeds: Seeds.lines, parse: Parsing.line),
]

/// What each parser is given and what must hold then.
enum Parsing {
    static func leaf(_ bytes: [UInt8]) {
        let envelope = try? EventEnvelope(leaf: bytes.span)
        let keys = try? LeafKeys(leaf: bytes.span)
        let audit = try? LeafAudit(leaf: bytes.span)
        _ = Leaf.firstLabelSequence(bytes.span)
        if let envelope {
            // Two readers never see two events.
            precondition(keys?.id == envelope.draft.id)
            precondition(keys?.order == envelope.stamp.order)
            precondition(
                keys.map { bytes[$0.subject] } == Array(envelope.draft.subject.rawValue.utf8)[...]
            )
            if let audit {
                precondition(audit.labelSequences == envelope.stamp.labelSequences)
                precondition(audit.sections == envelope.draft.sections)
            }
        }
        if let genesis = try? Genesis(leaf: bytes.span) {
            precondition(genesis.leaf == bytes && envelope == nil)
        }
    }

    static func wire(_ bytes: [UInt8]) {
        var reader = WireReader(bytes.span)
        while let field = try? reader.next() {
            _ = try? reader.string(field)
            _ = try? reader.digest(field)
            _ = try? reader.id(field, as: EventID.self)
            if let range = try? field.range {
                var inner = WireReader(bytes.span, at: range)
                while (try? inner.next()) != nil {}
            }
        }
        precondition(reader.offset <= bytes.count)
    }

    static func payload(_ bytes: [UInt8]) {
        guard bytes.count > 1 else { return }
        let types = EventType.allCases
        let name = types[Int(bytes[0]) % types.count].rawValue
        let body = EventBody(field: UInt32(bytes[1]) + 100, bytes: Array(bytes.dropFirst(2)))
        _ = try? EventPayload(typeName: name, body: body)
        _ = try? SealedText(bytes: body.bytes)
    }

    static func section(_ bytes: [UInt8]) {
        let sealed = Seeds.reference(bytes)
        _ = try? SealedSection.open(bytes, as: sealed, event: Seeds.event, under: Seeds.key)
        _ = try? SealedText(bytes: bytes)
        if let attributes = try? SourceAttribute.decode(bytes.span) {
            let again = try? SourceAttribute.decode(SourceAttribute.encode(attributes).span)
            precondition(again == attributes)
        }
        if let header = try? SourceHeader(bytes.span) { _ = header.values(of: bytes) }
    }

    static func frames(_ bytes: [UInt8]) {
        let whole = Self.decode(bytes, chunk: max(bytes.count, 1))
        let cut = Self.decode(bytes, chunk: 1 + Int(bytes.first ?? 0) % 7)
        precondition(whole == cut)
        for frame in whole { Self.parse(frame) }
    }

    private static func decode(_ bytes: [UInt8], chunk: Int) -> [Frame] {
        var decoder = FrameDecoder()
        var frames: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            decoder.append(Array(bytes[start..<min(start + chunk, bytes.count)]))
            do {
                while let frame = try decoder.next() { frames.append(frame) }
            } catch {
                return frames
            }
        }
        return frames
    }

    static func message(_ bytes: [UInt8]) {
        guard let first = bytes.first, let type = FrameType(rawValue: first & 31) else { return }
        Self.parse(Frame(type: type, body: Array(bytes.dropFirst())))
    }

    /// What a message says comes back when it is written again.
    private static func parse(_ frame: Frame) {
        let again: Frame?
        switch frame.type {
        case .hello: again = (try? Hello(frame))?.frame
        case .vector: again = (try? Vector(frame))?.frame
        case .checkpoint: again = (try? CheckpointMessage(frame))?.frame
        case .package: again = (try? Package(frame))?.frame
        case .blob: again = (try? Blob(frame))?.frame
        case .acknowledgement: again = (try? Acknowledgement(frame))?.frame
        case .fork: again = (try? Fork(frame))?.frame
        case .done: again = (try? Done(frame))?.frame
        case .authentication: again = (try? Authentication(frame))?.frame
        case .selection: again = (try? Selection(frame))?.frame
        case .error:
            _ = try? ErrorMessage(frame)
            again = nil
        case .base: again = (try? BundleBase(frame))?.frame
        case .end: again = (try? BundleEnd(frame))?.frame
        case .intervals: again = (try? IntervalsMessage(frame))?.frame
        case .part: again = (try? Part(frame))?.frame
        case .scope: again = (try? ScopeMessage(frame))?.frame
        case .keys: again = nil
        }
        if let again { precondition(again.body == frame.body) }
    }

    static func note(_ bytes: [UInt8]) {
        if let note = try? SignedNote(parsing: bytes.span) {
            precondition(note.bytes == bytes)
            _ = try? Checkpoint(opening: note, log: Seeds.verifier)
            if let checkpoint = try? Checkpoint(parsing: note.text) {
                precondition(note.text.hasPrefix(checkpoint.text))
            }
        }
        _ = try? Checkpoint(parsing: String(decoding: bytes, as: UTF8.self))
        _ = Cosignature(bytes)
    }

    static func keys(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let verifier = try? NoteVerifier(vkey: text) { precondition(verifier.vkey == text) }
        if let signer = try? NoteSigner(privateText: text) {
            precondition(signer.privateText == text)
        }
        if let anchor = Anchor(text: bytes) { precondition(Anchor(text: anchor.text) == anchor) }
        _ = PseudonymKey(contents: bytes)
        if let decoded = Base64.decode(text) { precondition(Base64.encode(decoded) == text) }
    }

    static func proof(_ bytes: [UInt8]) {
        guard bytes.count >= 17 else { return }
        let old = bytes.span.bigEndianWord(at: 0)
        let new = bytes.span.bigEndianWord(at: 8)
        var hashes: [Digest] = []
        var offset = 17
        while let digest = Seeds.digest(bytes, at: offset) {
            hashes.append(digest)
            offset += 32
        }
        let root = hashes.last ?? MerkleHash.empty
        _ = try? ConsistencyProof.verify(
            oldSize: old,
            oldRoot: root,
            newSize: new,
            newRoot: root,
            proof: hashes
        )
        _ = try? InclusionProof.verify(
            leafHash: root,
            index: old,
            size: new,
            root: root,
            proof: hashes
        )
    }

    static func row(_ bytes: [UInt8]) {
        if let head = HeadRow(bytes.span) { precondition(head.bytes == bytes) }
        if let row = LogRow(bytes.span) { precondition(row.bytes == bytes) }
        if let row = RunRow(bytes.span) { precondition(row.bytes == bytes) }
        _ = ShareNote(row: bytes)
        if let row = LabelRow(bytes.span) { precondition(row.bytes == bytes) }
        if let row = KeyRow(keyID: KeyID(rawValue: 1), row: bytes.span) {
            precondition(row.owner.rawValue.utf8.count <= bytes.count)
            _ = row.hasWraps
        }
        _ = SubjectSummary(row: bytes.span)
        _ = SiteName(String(decoding: bytes, as: UTF8.self))
        _ = Subject(String(decoding: bytes, as: UTF8.self))
        _ = Timestamp(rfc3339: String(decoding: bytes, as: UTF8.self))
    }

    static func csv(_ bytes: [UInt8]) {
        let whole = Self.records(bytes, chunk: max(bytes.count, 1))
        let cut = Self.records(bytes, chunk: 1 + Int(bytes.first ?? 0) % 5)
        precondition(whole == cut)
    }

    private static func records(_ bytes: [UInt8], chunk: Int) -> [[UInt8]] {
        var reader = CSVRecordReader(delimiter: UInt8(ascii: ","))
        var records: [[UInt8]] = []
        do {
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                let end = min(start + chunk, bytes.count)
                reader.append(Array(bytes[start..<end]))
                while let record = try reader.next(isFinal: false) { records.append(record.bytes) }
            }
            while let record = try reader.next(isFinal: true) { records.append(record.bytes) }
        } catch {}
        return records
    }

    static func xes(_ bytes: [UInt8]) {
        guard let reader = try? XESReader() else { return }
        let middle = bytes.count / 2
        do {
            _ = try reader.feed(Array(bytes[..<middle]), isFinal: false)
            _ = try reader.feed(Array(bytes[middle...]), isFinal: true)
        } catch {}
    }

    static func gzip(_ bytes: [UInt8]) {
        guard let source = try? UnpackedSource(.bytes(bytes)) else { return }
        // A bomb is unpacked in chunks, so that it takes time and no memory.
        for _ in 0..<64 {
            guard let chunk = try? source.next(), !chunk.isEmpty else { return }
        }
    }

    static func mapping(_ bytes: [UInt8]) { _ = try? ImportMapping(json: bytes) }

    static func line(_ bytes: [UInt8]) { _ = try? AppendLine(json: bytes) }
}

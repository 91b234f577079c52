package import LedgerTypes
internal import Merkle
package import Sealing

/// KEYS: asks for data keys, or gives them (docs/SYNC.md, "KEYS").
package enum KeysMessage: Hashable, Sendable {
    /// Asks.
    case request(KeyRequest)
    /// Gives.
    case answer(KeyAnswer)

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .keys)
        switch try reader.number(UInt8.self) {
        case 1: self = .request(try KeyRequest(&reader))
        case 2: self = .answer(try KeyAnswer(&reader))
        default: throw reader.malformed
        }
        try reader.end()
    }

    /// What the sender's site key signs: SHA-256("cl/keys/1" ‖ the session's transcript ‖ the body
    /// before the signature).
    package static func digest(_ transcript: [UInt8], _ signed: [UInt8]) -> [UInt8] {
        Digest.sha256(domain: "cl/keys/1", transcript, signed).bytes
    }

    func isSigned(by siteKey: [UInt8], in transcript: [UInt8]) -> Bool {
        let (signed, signature) =
            switch self {
            case .request(let request): (request.signed, request.signature)
            case .answer(let answer): (answer.signed, answer.signature)
            }
        return VerifyingKey(siteKey)?
            .isValid(signature, for: Self.digest(transcript, signed)) ?? false
    }
}

/// Asks for keys.
package struct KeyRequest: Hashable, Sendable {
    /// The public half of a key made for this request, 32 bytes.
    package var recipient: [UInt8]
    /// The keys, in ascending order, at most ``SyncLimits/keysMax``.
    package var ids: [KeyID]
    /// The site key's signature, 64 bytes; ``KeysMessage/digest(_:_:)`` of ``signed``.
    package var signature: [UInt8] = []

    /// Creates a request that is not signed yet.
    package init(recipient: [UInt8], ids: [KeyID]) {
        precondition(ids.count <= SyncLimits.keysMax)
        self.recipient = recipient
        self.ids = ids
    }

    init(_ reader: inout BodyReader) throws(SyncError) {
        self.recipient = try reader.bytes(SealedKeys.publicByteCount)
        let count = Int(try reader.number(UInt16.self))
        guard count <= SyncLimits.keysMax else { throw .limit(.keys, log: nil) }
        self.ids = []
        self.ids.reserveCapacity(count)
        for _ in 0..<count {
            let id = try reader.keyID()
            if let last = self.ids.last, last >= id { throw reader.malformed }
            self.ids.append(id)
        }
        self.signature = try reader.bytes(64)
    }

    /// The body before the signature.
    package var signed: [UInt8] {
        var body: [UInt8] = [1]
        body.append(contentsOf: self.recipient)
        body.appendBigEndian(UInt16(self.ids.count))
        for id in self.ids { body.appendBigEndian(id.rawValue) }
        return body
    }

    package var frame: Frame { Frame(type: .keys, body: self.signed + self.signature) }
}

/// Gives keys.
package struct KeyAnswer: Hashable, Sendable {
    /// Whether the request is answered with this.
    package var isLast: Bool
    /// The keys that the speaker has and gives, at most ``SyncLimits/keysInAnswerMax``.
    package var keys: SealedKeys
    /// The site key's signature, 64 bytes; ``KeysMessage/digest(_:_:)`` of ``signed``.
    package var signature: [UInt8] = []

    /// Creates an answer that is not signed yet.
    package init(isLast: Bool, keys: SealedKeys) {
        precondition(keys.entries.count <= SyncLimits.keysInAnswerMax)
        self.isLast = isLast
        self.keys = keys
    }

    init(_ reader: inout BodyReader) throws(SyncError) {
        switch try reader.number(UInt8.self) {
        case 0: self.isLast = false
        case 1: self.isLast = true
        default: throw reader.malformed
        }
        let encapsulated = try reader.bytes(SealedKeys.publicByteCount)
        let count = Int(try reader.number(UInt16.self))
        guard count <= SyncLimits.keysInAnswerMax else { throw .limit(.keys, log: nil) }
        var entries: [SealedKeys.Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let id = try reader.keyID()
            guard
                let owner = Subject(
                    try reader.text(bytesMax: Subject.kindBytesMax + 1 + Subject.idBytesMax)
                )
            else {
                throw reader.malformed
            }
            let sealed = try reader.bytes(SealedKeys.sealedByteCount)
            entries.append(SealedKeys.Entry(id: id, owner: owner, sealed: sealed))
        }
        self.keys = SealedKeys(encapsulated: encapsulated, entries: entries)
        self.signature = try reader.bytes(64)
    }

    /// The body before the signature.
    package var signed: [UInt8] {
        var body: [UInt8] = [2, self.isLast ? 1 : 0]
        body.append(contentsOf: self.keys.encapsulated)
        body.appendBigEndian(UInt16(self.keys.entries.count))
        for entry in self.keys.entries {
            body.appendBigEndian(entry.id.rawValue)
            body.append(text: entry.owner.rawValue)
            body.append(contentsOf: entry.sealed)
        }
        return body
    }

    package var frame: Frame { Frame(type: .keys, body: self.signed + self.signature) }
}

package import LedgerTypes

/// Why a session, or one log in it, came to an end.
package enum SyncError: Error, Hashable, Sendable {
    /// A maximum that was passed.
    package enum Limit: String, Hashable, Sendable {
        case bodyBytes, inflatedBytes, sessionBytes, logs, entries, leafBytes, sectionBytes
        case pendingBlobBytes, window, noteBytes, genesisBytes, textBytes, keys, parts, labels
    }

    /// What is wrong with the first leaf of a log.
    package enum GenesisProblem: String, Hashable, Sendable {
        case notGenesis, otherLog, badSignature, otherOrigin
    }

    /// More than a limit allows, refused before it was kept.
    case limit(Limit, log: LogID?)
    /// A type number that CLSP/1 does not have.
    case unknownFrame(UInt8)
    /// A type that CLSP/1 has and this program does not take yet.
    case unsupported(FrameType)
    /// Flags that this type may not carry.
    case unknownFlags(UInt8, in: FrameType)
    /// A compressed body that does not inflate to the size it claims.
    case badCompression(FrameType)
    /// A body that is not what its type says.
    case malformed(FrameType, offset: Int)
    /// A frame that has no place at this point of a session.
    case unexpected(FrameType)
    /// No version that both sides speak.
    case versionMismatch(peerMin: UInt8, peerMax: UInt8)
    /// The peer sent this session's own nonce back, or has this site's key over a stream.
    case ownKey
    /// Another site answered than the one asked for.
    case otherSite(String)
    /// The site's key is not pinned and may not be pinned on first contact.
    case untrusted(String)
    /// The site's name is bound to another key.
    case siteKeyChanged(String)
    /// HELLO names another key than the one that secures the stream.
    case transportKeyMismatch(String)
    /// The AUTH signature is not the site key's.
    case authenticationFailed(String)
    /// Keys that the peer did not sign in this session, or that do not open what they are for.
    case badKeys(String)
    /// The first leaf of a log does not prove what it claims.
    case badGenesis(LogID, GenesisProblem)
    /// A checkpoint that its log did not sign, or that is not of that log.
    case badCheckpoint(LogID)
    /// A proof does not hold.
    case badProof(LogID)
    /// A leaf or a section is not what its digest says, or its shape is wrong.
    case badPackage(LogID, index: UInt64)
    /// The peer acknowledges what it cannot hold.
    case badAcknowledgement(LogID)
    /// The two sides hold different leaves under one index.
    case forked(LogID)
    /// The peer claims more of this site's own log than this site wrote, and must prove it.
    case proofRequired(LogID)
    /// The log is suspect or frozen at the side that says so, and takes nothing more.
    case closed(LogID)
    /// Stored bytes do not hash to what they should.
    case damaged(LogID)
    /// A grant that does not count, or that is missing.
    case grant(GrantProblem)
    /// What a log has of a partner's scope is not signed by the log, or is of another grant.
    case badScopeHead(LogID)
    /// Something of a partner's scope was withheld: the label of which leaves are missing.
    case scopeIncomplete(LogID, label: Label)
    /// The store refused or failed; the text is its own.
    case storage(String, isRetryable: Bool)
    /// The byte stream failed or fell silent; the text is the transport's.
    case stream(String)
    /// The stream ended before the session did.
    case streamEnded
    /// The peer gave up.
    case remote(RemoteError)

    /// What the peer said in an ERROR frame.
    package struct RemoteError: Error, Hashable, Sendable {
        /// Its number; 0 and unknown ones are kept.
        package let code: UInt16
        /// The log it is about.
        package let log: LogID?
        /// The peer's words: at most ``SyncLimits/errorTextBytesMax`` bytes, untrusted.
        package let text: String
        /// Whether the peer says that trying again may help.
        package let isRetryable: Bool
    }
}

extension SyncError {
    /// The number in an ERROR frame (docs/SYNC.md, "Errors"). Numbers are never reused.
    package var code: UInt16 {
        switch self {
        case .malformed, .badCompression, .unknownFlags, .unexpected: 1
        case .limit: 2
        case .unknownFrame, .unsupported: 3
        case .versionMismatch: 4
        case .ownKey: 5
        case .otherSite: 6
        case .untrusted: 7
        case .siteKeyChanged: 8
        case .authenticationFailed: 9
        case .badGenesis: 10
        case .badCheckpoint: 11
        case .badProof: 12
        case .badPackage: 13
        case .badAcknowledgement: 14
        case .forked: 15
        case .proofRequired: 16
        case .closed: 17
        case .damaged: 18
        case .storage: 19
        case .stream, .streamEnded: 20
        case .transportKeyMismatch: 22
        case .badKeys: 21
        case .grant: 23
        case .badScopeHead: 24
        case .scopeIncomplete: 25
        case .remote(let error): error.code
        }
    }

    /// Whether the same sync may succeed when it is tried again.
    package var isRetryable: Bool {
        switch self {
        case .stream, .streamEnded: true
        case .storage(_, let isRetryable): isRetryable
        case .remote(let error): error.isRetryable
        default: false
        }
    }

    /// The log it is about, if it is about one.
    package var log: LogID? {
        switch self {
        case .limit(_, let log): log
        case .badGenesis(let log, _), .badCheckpoint(let log), .badProof(let log),
            .badPackage(let log, _), .badAcknowledgement(let log), .forked(let log),
            .proofRequired(let log), .closed(let log), .damaged(let log),
            .badScopeHead(let log), .scopeIncomplete(let log, _):
            log
        case .remote(let error): error.log
        default: nil
        }
    }
}

extension SyncError: CustomStringConvertible {
    /// What happened and what it touched, in one line.
    package var description: String {
        switch self {
        case .limit(let limit, let log):
            "over the limit \(limit.rawValue)" + Self.suffix(log)
        case .unknownFrame(let number): "frame type \(number) is not known"
        case .unsupported(let type): "frame type \(type.rawValue) (\(type)) is not supported yet"
        case .unknownFlags(let flags, let type): "frame \(type) carries flags \(flags)"
        case .badCompression(let type): "the body of frame \(type) does not inflate"
        case .malformed(let type, let offset): "frame \(type) is malformed at byte \(offset)"
        case .unexpected(let type): "frame \(type) has no place here"
        case .versionMismatch(let low, let high):
            "the peer speaks versions \(low) to \(high), this program 1"
        case .ownKey: "the peer is this site itself, or carries its key"
        case .otherSite(let name): "another site answered: \(name)"
        case .untrusted(let name): "the key of site \(name) is not pinned"
        case .siteKeyChanged(let name): "site \(name) has another key than the pinned one"
        case .transportKeyMismatch(let name):
            "HELLO of site \(name) has another key than the one that secures the stream"
        case .authenticationFailed(let name): "the peer does not hold the key of site \(name)"
        case .badKeys(let name):
            "site \(name) did not sign these keys in this session, or they do not open"
        case .badGenesis(let log, let problem):
            "the first leaf is refused (\(problem.rawValue))" + Self.suffix(log)
        case .badCheckpoint(let log): "the checkpoint is not signed by its log" + Self.suffix(log)
        case .badProof(let log): "a proof does not hold" + Self.suffix(log)
        case .badPackage(let log, let index):
            "the leaf or a section at index \(index) is refused" + Self.suffix(log)
        case .badAcknowledgement(let log):
            "the peer acknowledges what it cannot hold" + Self.suffix(log)
        case .forked(let log): "two histories under one index" + Self.suffix(log)
        case .proofRequired(let log):
            "the peer claims more of this site's log than it wrote" + Self.suffix(log)
        case .closed(let log): "nothing more is taken" + Self.suffix(log)
        case .damaged(let log): "stored bytes are damaged" + Self.suffix(log)
        case .grant(let problem): problem.sentence
        case .badScopeHead(let log):
            "what the log has of the scope is not signed by it" + Self.suffix(log)
        case .scopeIncomplete(let log, let label):
            "an event of \(label.name) \(label.value) was withheld" + Self.suffix(log)
        case .storage(let text, _): "storage: \(text)"
        case .stream(let text): "stream: \(text)"
        case .streamEnded: "the stream ended before the session did"
        case .remote(let error): "the peer says: \(error.text)" + Self.suffix(error.log)
        }
    }

    private static func suffix(_ log: LogID?) -> String {
        log.map { ", log \($0.short)" } ?? ""
    }
}

package import LedgerTypes
internal import Merkle

/// A change of a site's key: the former key, and its signature that names the next one.
///
/// The next key says the same of the former by the genesis that it signed, whose parent is a log of
/// the former, and by every AUTH under a HELLO that states it.
package struct KeySuccession: Hashable, Sendable {
    /// The most changes that are told to a peer: one that missed more has to be told the key anew.
    package static let countMax = 8
    /// The bytes of one on the wire: former key ‖ signature.
    package static let byteCount = 96

    /// The key before, 32 bytes.
    package let former: [UInt8]
    /// Its signature, 64 bytes.
    package let signature: [UInt8]

    /// Creates a change of key.
    package init(former: [UInt8], signature: [UInt8]) {
        precondition(former.count == 32 && signature.count == 64)
        self.former = former
        self.signature = signature
    }

    /// What `former` signs to name `next`: "cl/successor/1" ‖ 0x00 ‖ both keys.
    package static func signedBytes(former: [UInt8], next: [UInt8]) -> [UInt8] {
        Array("cl/successor/1".utf8) + [0] + former + next
    }

    /// Whether the former key named `next`.
    package func names(_ next: [UInt8]) -> Bool {
        guard let key = VerifyingKey(self.former) else { return false }
        return key.isValid(
            self.signature,
            for: Self.signedBytes(former: self.former, next: next)
        )
    }

    /// The bytes on the wire.
    package var bytes: [UInt8] { self.former + self.signature }
}

extension [KeySuccession] {
    /// The keys from which these changes, oldest first, lead to `key`, without a gap.
    package func formerKeys(of key: [UInt8]) -> [[UInt8]] {
        var next = key
        var keys: [[UInt8]] = []
        for succession in self.reversed() {
            guard succession.names(next) else { break }
            next = succession.former
            keys.append(next)
        }
        return keys
    }

    /// How the key of the site that writes `logs` came to be `key`, oldest change first.
    package init(to key: [UInt8], in logs: [LogID: Genesis]) {
        self = []
        var key = key
        while self.count < KeySuccession.countMax {
            let change = logs.values.lazy.compactMap { genesis -> KeySuccession? in
                guard genesis.siteKey == key, let parent = genesis.parent,
                    let former = logs[parent.log], former.site == genesis.site,
                    let signature = genesis.predecessorSignature,
                    genesis.succeeds(former.siteKey)
                else { return nil }
                return KeySuccession(former: former.siteKey, signature: signature)
            }.first
            guard let change else { return }
            self.insert(change, at: 0)
            key = change.former
        }
    }
}

extension Genesis {
    /// Whether `former` named this log's site key as the next one.
    package func succeeds(_ former: [UInt8]) -> Bool {
        guard let signature = self.predecessorSignature else { return false }
        return KeySuccession(former: former, signature: signature).names(self.siteKey)
    }
}

/// Which logs under former keys are a site's.
package enum KeyAncestry {
    /// Whether `log` stands in the line of parents of a log that `site` wrote under `key`. A former
    /// key alone proves nothing: it may have been lost, which is why it was changed.
    package static func includes(
        _ log: LogID,
        of site: SiteName,
        under key: [UInt8],
        in held: [LogID: Genesis]
    ) -> Bool {
        var waiting = held.values.filter { $0.site == site && $0.siteKey == key }
            .compactMap { $0.parent?.log }
        var seen: Set<LogID> = []
        while let parent = waiting.popLast() {
            if parent == log { return true }
            guard seen.insert(parent).inserted, let genesis = held[parent],
                let next = genesis.parent?.log
            else { continue }
            waiting.append(next)
        }
        return false
    }
}

internal import LedgerTypes

/// The tables of `log/`: the truth. docs/FORMAT.md draws their rows.
enum LogTable: String, CaseIterable, Sendable {
    /// Arrival and slot → log number, index and leaf bytes (slot 0), or a sealed section.
    case leaves
    /// Log number and first index → first arrival; contiguous until the log's next run.
    case runs
    /// Log number, level and tile number → 256 hashes and the root of them. Full tiles only.
    case tiles
    /// Log number → size, root, last `recorded` and the right edge of the tree.
    case heads
    /// Log number → log id and flags.
    case logs
    /// Log id → log number.
    case logIDs
    /// Log number, label name and value → last sequence and last index. Own logs only.
    case labels
    /// First arrival of a commit → the local clock at that commit.
    case commits
    /// Log number → the newest signed checkpoint not past what is held.
    case checkpoints
    /// Key id → owner and wraps.
    case keys
    /// Owner and key id → nothing.
    case keyOwners
    /// Section digest → why the section is not here.
    case absent
    /// Format, token, site and pins.
    case meta
}

/// The tables of `views/`: derived, disposable.
enum ViewTable: String, CaseIterable, Sendable {
    /// How far the index has come, and roots to tell whether it belongs to this log.
    case meta
    /// Subject text → subject number and count of events.
    case subjects
    /// Subject number, order and arrival → log number and index.
    case subjectEvents
    /// Event id → arrival.
    case eventIDs
    /// Number of a projection → its version and how far it has come.
    case projections
    /// Unit → what a projection makes of it. One table for each projection.
    case units
    /// What a unit is found by, and the unit → nothing. One table for each projection.
    case lookups
    /// A key → sums over all units. One table for each projection that keeps sums.
    case sums

    /// The name of the table that `projection` has of its own, on its first or second side.
    func name(of projection: UInt8, side: UInt8) -> String {
        "\(self.rawValue)-\(projection)" + (side == 0 ? "" : "b")
    }
}

/// The keys of every table. All integers are big-endian, so that byte order is numeric order.
enum Key {
    /// `leaves`: slot 0 is the leaf, slot n its n-th section.
    static func leaf(_ arrival: UInt64, slot: UInt8 = 0) -> [9 of UInt8] {
        [9 of UInt8] { $0 == 8 ? slot : byte(arrival, $0) }
    }

    /// `runs`.
    static func run(log: UInt32, firstIndex: UInt64) -> [12 of UInt8] {
        [12 of UInt8] { $0 < 4 ? byte(log, $0) : byte(firstIndex, $0 - 4) }
    }

    /// `tiles`.
    static func tile(log: UInt32, level: UInt8, number: UInt64) -> [13 of UInt8] {
        [13 of UInt8] { $0 < 4 ? byte(log, $0) : $0 == 4 ? level : byte(number, $0 - 5) }
    }

    /// `heads`, `logs` and `checkpoints`.
    static func log(_ number: UInt32) -> [4 of UInt8] {
        [4 of UInt8] { byte(number, $0) }
    }

    /// `commits`.
    static func arrival(_ arrival: UInt64) -> [8 of UInt8] {
        [8 of UInt8] { byte(arrival, $0) }
    }

    /// `logIDs`, `keys` and, in `views/`, `eventIDs`.
    static func id(_ id: some SixteenByteID) -> [16 of UInt8] {
        let raw = id.rawValue
        return [16 of UInt8] { UInt8(truncatingIfNeeded: raw >> UInt128(120 - 8 * $0)) }
    }

    /// `labels`. A name has at most 63 bytes, a value at most 300.
    static func label(log: UInt32, name: String, value: String) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(5 + name.utf8.count + value.utf8.count)
        key.appendBigEndian(log)
        key.append(UInt8(name.utf8.count))
        key.append(contentsOf: name.utf8)
        key.append(contentsOf: value.utf8)
        return key
    }

    /// `keyOwners`: a subject holds no zero byte, so the owner ends at the first.
    static func keyOwner(_ owner: Subject, _ key: KeyID) -> [UInt8] {
        Array(owner.rawValue.utf8) + [0] + key.bytes
    }

    /// `absent`.
    static func digest(_ digest: Digest) -> [32 of UInt8] {
        let words = digest.words
        return [32 of UInt8] { position in
            switch position >> 3 {
            case 0: byte(words.0, position & 7)
            case 1: byte(words.1, position & 7)
            case 2: byte(words.2, position & 7)
            default: byte(words.3, position & 7)
            }
        }
    }

    /// `subjectEvents`: the sign bit of `order` is flipped so that byte order is time order.
    static func subjectEvent(
        subject: UInt64,
        order: Timestamp,
        arrival: UInt64
    ) -> [24 of UInt8] {
        let place = UInt64(bitPattern: order.microseconds) ^ (1 << 63)
        return [24 of UInt8] { position in
            switch position >> 3 {
            case 0: byte(subject, position & 7)
            case 1: byte(place, position & 7)
            default: byte(arrival, position & 7)
            }
        }
    }

    /// The `position`-th byte of `value`, most significant first.
    private static func byte<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value,
        _ position: Int
    ) -> UInt8 {
        UInt8(truncatingIfNeeded: value >> Value(Value.bitWidth - 8 - 8 * position))
    }
}

internal import LedgerTypes

/// The newest leaf of each of many labels, so that a leaf's place in its labels is compared with
/// the leaf before it without reading that one again.
///
/// A table of fixed size: a label may be pushed out by another one and is then looked up. Labels
/// are told apart by 64 bits of a hash that differs from process to process.
struct LabelPlaces {
    /// How many labels are remembered; 24 bytes each.
    let slotCount: Int

    private struct Slot {
        /// Zero in a free slot.
        var label: UInt64
        var newest: LabelRow
    }

    private var slots: [Slot] = []

    /// Remembers nothing yet. `slotCount` is a power of two.
    init(slotCount: Int = 1 << 17) {
        precondition(slotCount > 0 && slotCount & (slotCount - 1) == 0)
        self.slotCount = slotCount
    }

    /// Remembers `newest` for `label`; returns what was remembered for it, if anything.
    mutating func exchange(_ label: UInt64, _ newest: LabelRow) -> LabelRow? {
        if self.slots.isEmpty {
            let free = Slot(label: 0, newest: LabelRow(sequence: 0, index: 0))
            self.slots = Array(repeating: free, count: self.slotCount)
        }
        let label = max(label, 1)
        let place = Int(truncatingIfNeeded: label) & (self.slotCount - 1)
        let former = self.slots[place]
        self.slots[place] = Slot(label: label, newest: newest)
        return former.label == label ? former.newest : nil
    }

    /// The hash of the label `subject` of a log, with the subject as its value.
    static func subject(_ subject: Span<UInt8>, log: UInt32) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(log)
        hasher.combine(copying: subject)
        return hasher.word
    }

    /// The hash of one of the caller's labels of a log.
    static func label(_ label: Label, log: UInt32) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(log)
        // Bytes: `String` takes two ways to write an accented letter for one.
        hasher.combine(copying: label.name.utf8.span)
        hasher.combine(copying: label.value.utf8.span)
        return hasher.word
    }
}

extension Hasher {
    /// Feeds the length and the bytes, eight at a time.
    fileprivate mutating func combine(copying bytes: Span<UInt8>) {
        self.combine(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            self.combine(bytes.bigEndianWord(at: offset))
            offset += 8
        }
        while offset < bytes.count {
            self.combine(bytes[offset])
            offset += 1
        }
    }

    fileprivate var word: UInt64 { UInt64(bitPattern: Int64(self.finalize())) }
}

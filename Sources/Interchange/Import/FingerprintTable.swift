internal import Glibc

/// A table of 128-bit keys and 64-bit values in an unlinked temporary file.
///
/// A dictionary would grow with the file that is imported; the pages of a shared mapping belong to
/// the file, and the kernel writes them out when memory is short. Open addressing with linear
/// probing; at most half of the slots are taken. Belongs to one task.
@safe
final class FingerprintTable {
    private struct Slot {
        var high: UInt64
        var low: UInt64
        var value: Int64
        var isTaken: UInt64
    }

    /// The slots that a table begins with.
    static let slotsMin = 1 << 14

    private let directory: String
    /// `slotCount` slots, zeroed by the kernel; unmapped in `deinit` and when the table grows.
    private var slots: UnsafeMutablePointer<Slot>
    private var slotCount: Int
    private(set) var count = 0

    init(directory: String, slotCount: Int = FingerprintTable.slotsMin) throws(ImportFailure) {
        self.directory = directory
        self.slotCount = slotCount
        unsafe self.slots = try Self.map(slotCount, in: directory)
    }

    deinit { unsafe munmap(self.slots, self.slotCount * MemoryLayout<Slot>.stride) }

    /// The value of `key`, or `initial` for a key that is not there; afterwards it is what `body`
    /// makes of it.
    func update(
        _ key: UInt128,
        initial: Int64,
        _ body: (Int64) -> Int64
    ) throws(ImportFailure) -> Int64 {
        if self.count * 2 >= self.slotCount { try self.grow() }
        let high = UInt64(truncatingIfNeeded: key >> 64)
        let low = UInt64(truncatingIfNeeded: key)
        let index = unsafe Self.slot(high, low, in: self.slots, self.slotCount)
        if unsafe self.slots[index].isTaken == 0 {
            unsafe self.slots[index] = Slot(high: high, low: low, value: initial, isTaken: 1)
            self.count += 1
        }
        let old = unsafe self.slots[index].value
        unsafe self.slots[index].value = body(old)
        return old
    }

    /// The slot that has the key, or the free one where it belongs. `slots` has a free one.
    @unsafe
    private static func slot(
        _ high: UInt64,
        _ low: UInt64,
        in slots: UnsafeMutablePointer<Slot>,
        _ count: Int
    ) -> Int {
        var index = Int(truncatingIfNeeded: low) & (count - 1)
        while unsafe slots[index].isTaken != 0 {
            if unsafe slots[index].low == low && slots[index].high == high { break }
            index = (index + 1) & (count - 1)
        }
        return index
    }

    private func grow() throws(ImportFailure) {
        let newCount = self.slotCount * 4
        let newSlots = unsafe try Self.map(newCount, in: self.directory)
        for old in 0..<self.slotCount where unsafe self.slots[old].isTaken != 0 {
            let slot = unsafe self.slots[old]
            let index = unsafe Self.slot(slot.high, slot.low, in: newSlots, newCount)
            unsafe newSlots[index] = slot
        }
        unsafe munmap(self.slots, self.slotCount * MemoryLayout<Slot>.stride)
        unsafe self.slots = newSlots
        self.slotCount = newCount
    }

    /// Maps a new unlinked file of `count` slots. Its space is reserved first, so that a full disk
    /// is an error here and not a signal later.
    @unsafe
    private static func map(
        _ count: Int,
        in directory: String
    ) throws(ImportFailure) -> UnsafeMutablePointer<Slot> {
        let bytes = count * MemoryLayout<Slot>.stride
        var template = Array("\(directory)/caseledger-import-XXXXXX".utf8CString)
        let file = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard file >= 0 else { throw .temporaryFile(directory: directory, code: errno) }
        defer { close(file) }
        unsafe unlink(template)
        let code = posix_fallocate(file, 0, bytes)
        guard code == 0 else { throw .temporaryFile(directory: directory, code: code) }
        let pages = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        guard let pages = unsafe pages, unsafe pages != UnsafeMutableRawPointer(bitPattern: -1)
        else { throw .temporaryFile(directory: directory, code: errno) }
        return unsafe pages.bindMemory(to: Slot.self, capacity: count)
    }
}

@available(*, unavailable)
extension FingerprintTable: Sendable {}

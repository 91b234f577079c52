internal import CFaults
internal import Glibc

/// Watches the calls by which liblmdb writes one file of this process, makes some of them fail, and
/// keeps a trace from which the file can be put together as a power cut would have left it.
///
/// Any thread.
public final class FileFaults: Sendable {
    /// A call that was carried out, or a mark.
    public enum Call: Sendable {
        /// Bytes at a place of the file; durable if they were on the device when it returned.
        case write(place: Int, bytes: [UInt8], isDurable: Bool)
        /// Everything written before is on the device.
        case flush
        /// What the test set between calls.
        case mark(UInt64)
    }

    /// What happens to a call that is to fail.
    public enum Manner: CInt, Sendable, CaseIterable {
        /// Nothing is done.
        case refuse = 0
        /// Half of a write is done, and reported so; a flush is refused.
        case halve = 1
        /// Everything is done, and reported as failed.
        case deny = 2
    }

    /// No such file.
    public struct Missing: Error {}

    /// Safe: freed only when nobody holds this object any longer.
    @safe private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let handle: Handle

    /// Watches the file at `path` for as long as the object lives.
    public init(watching path: String) throws(Missing) {
        guard let pointer = unsafe caseledger_faults_watch(path) else { throw Missing() }
        unsafe self.handle = Handle(pointer: pointer)
    }

    deinit { unsafe caseledger_faults_end(self.handle.pointer) }

    /// Makes the calls of these numbers fail with the error `code`; calls are counted from 0. At
    /// most eight such spans; of two that hold a call the first counts.
    public func fail(_ calls: Range<UInt64>, code: CInt, _ manner: Manner) {
        unsafe caseledger_faults_fail(
            self.handle.pointer,
            calls.lowerBound,
            UInt64(calls.count),
            code,
            manner.rawValue
        )
    }

    /// Lets every call through again.
    public func heal() { unsafe caseledger_faults_heal(self.handle.pointer) }

    /// How many calls came, those that failed included.
    public var callCount: UInt64 { unsafe caseledger_faults_number(self.handle.pointer) }

    /// Puts a mark into the trace.
    public func mark(_ mark: UInt64) { unsafe caseledger_faults_mark(self.handle.pointer, mark) }

    /// The calls that were carried out, and the marks, in order.
    public var trace: [Call] {
        (0..<(unsafe caseledger_faults_count(self.handle.pointer))).map { index in
            let call = unsafe caseledger_faults_at(self.handle.pointer, index)
            switch unsafe call.kind {
            case 0:
                let bytes = unsafe UnsafeBufferPointer(start: call.bytes, count: call.count)
                return unsafe .write(
                    place: Int(call.place),
                    bytes: Array(bytes),
                    isDurable: call.durable
                )
            case 1: return .flush
            default: return unsafe .mark(call.place)
            }
        }
    }
}

internal import CLMDB

extension MDB_val {
    /// Views `bytes` as a key or value. liblmdb never writes through it.
    @unsafe
    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            mv_size: bytes.count,
            mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        )
    }

    /// The bytes it points at.
    var bytes: UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(
            start: self.mv_data?.assumingMemoryBound(to: UInt8.self),
            count: self.mv_size
        )
    }
}

/// Throws unless liblmdb takes `key`.
@inline(always)
func requireKeySize(_ key: Span<UInt8>) throws(LMDBError) {
    guard key.count >= 1 && key.count <= Limits.keyBytesMax else { throw .keySize }
}

/// The value under `key`, or `nil`.
///
/// Unsafe, because the result points into the map and lives as long as the transaction, or until
/// the next write of it.
@unsafe
func lookUp(
    _ key: Span<UInt8>,
    _ table: Table,
    _ transaction: OpaquePointer
) throws(LMDBError) -> UnsafeBufferPointer<UInt8>? {
    try requireKeySize(key)
    var value = unsafe MDB_val()
    let code = unsafe key.withUnsafeBytes { key in
        var key = unsafe MDB_val(key)
        return unsafe mdb_get(transaction, table.handle, &key, &value)
    }
    if code == MDB_NOTFOUND { return nil }
    try LMDBError.check(code)
    return unsafe value.bytes
}

/// The rows of `table`.
@unsafe
func countRows(_ table: Table, _ transaction: OpaquePointer) throws(LMDBError) -> Int {
    var statistics = MDB_stat()
    try unsafe LMDBError.check(mdb_stat(transaction, table.handle, &statistics))
    return statistics.ms_entries
}

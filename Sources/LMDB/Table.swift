/// A named B+tree of an environment.
///
/// Valid as long as the environment it was opened in; a value, free to copy.
package struct Table: Sendable, Hashable {
    /// The `MDB_dbi`.
    let handle: UInt32
    /// The number of the environment that opened it.
    let environment: UInt64
}

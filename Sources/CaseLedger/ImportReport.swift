/// What an import did.
public struct ImportReport: Hashable, Sendable, Encodable {
    /// A row that was set aside.
    public struct Reject: Hashable, Sendable, Encodable {
        /// The line on which it begins, from 1.
        public let line: Int
        /// What is wrong with it.
        public let what: String
    }

    /// The most rejects that are listed; all are counted.
    public static let rejectsMax = 20

    /// Rows read, rejected ones included.
    public internal(set) var rows = 0
    /// Rows that became events now.
    public internal(set) var appended = 0
    /// Rows that were events already.
    public internal(set) var alreadyHeld = 0
    /// Rows that were set aside.
    public internal(set) var rejected = 0
    /// The first of them.
    public internal(set) var firstRejects: [Reject] = []
}

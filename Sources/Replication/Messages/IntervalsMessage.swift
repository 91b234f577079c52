internal import EventStore
package import LedgerTypes

/// INTERVALS: up to where a partner holds each label of the home site's newest log, and under which
/// grant (docs/SYNC.md, "Partners").
package struct IntervalsMessage: Hashable, Sendable {
    /// The grant under which it came to hold that; ``GrantID/none`` at the beginning.
    package var grant: GrantID
    /// The log; zeroes at the beginning.
    package var log: LogID
    /// In ascending order of the label.
    package var entries: [ScopeHead.Entry]

    var frame: Frame {
        precondition(self.entries.count <= Grant.labelsMax)
        var body: [UInt8] = []
        body.appendBigEndian(self.grant.rawValue)
        body.appendBigEndian(self.log.rawValue)
        body.appendBigEndian(UInt16(self.entries.count))
        for entry in self.entries {
            body.append(text: entry.label.name)
            body.append(text: entry.label.value)
            body.appendBigEndian(entry.newest.sequence)
            body.appendBigEndian(entry.newest.index)
        }
        return Frame(type: .intervals, body: body)
    }

    init(grant: GrantID, log: LogID, entries: [ScopeHead.Entry]) {
        self.grant = grant
        self.log = log
        self.entries = entries
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .intervals)
        self.grant = GrantID(rawValue: try reader.logID().rawValue)
        self.log = try reader.logID()
        let count = Int(try reader.number(UInt16.self))
        guard count <= Grant.labelsMax else { throw .limit(.labels, log: self.log) }
        self.entries = []
        for _ in 0..<count {
            let label = Label(
                name: try reader.text(bytesMax: Label.nameBytesMax),
                value: try reader.text(bytesMax: Label.valueBytesMax)
            )
            let newest = LabelPlace(sequence: try reader.number(), index: try reader.number())
            if let last = self.entries.last, !Label.precedes(last.label, label) {
                throw reader.malformed
            }
            self.entries.append(ScopeHead.Entry(label: label, newest: newest))
        }
        try reader.end()
    }
}

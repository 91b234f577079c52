/// How much may be appended at once.
package struct AppendLimits: Sendable {
    /// How far ahead of `recorded` a live event may have happened: five minutes.
    package static let aheadMicrosecondsMax: Int64 = 5 * 60 * 1_000_000
    /// How far behind `recorded` a live event may have happened: a day.
    package static let behindMicrosecondsMax: Int64 = 24 * 60 * 60 * 1_000_000

    /// The most events of one request.
    package var requestEventsMax = 8_192
    /// No further request joins a commit that has this many events.
    package var commitEventsMax = 8_192
    /// No further request joins a commit that has this many bytes.
    package var commitBytesMax = 32 << 20
    /// Events that may wait; a call that finds fewer waiting is taken whole.
    package var queuedEventsMax = 65_536
    /// Bytes that may wait.
    package var queuedBytesMax = 256 << 20
    /// How often a commit is tried again after the map grew.
    package var growthsMax = 4

    /// The usual limits.
    package init() {}
}

extension AppendRequest {
    /// The bytes that the request adds to `log/`, about.
    var byteCount: Int {
        var count = 0
        // By index: a copy of an event retains a dozen parts of it.
        for place in self.events.indices {
            count += self.events[place].callerPart.count + 96
            for section in self.events[place].sections { count += section.count }
        }
        return count
    }
}

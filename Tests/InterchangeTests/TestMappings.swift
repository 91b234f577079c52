@testable import Interchange

/// Small mappings for tests.
enum TestMappings {
    /// The text of a CSV mapping with columns id, at, state and team; `extra` is put into it.
    static func csvText(order: String = "time", zone: String = "UTC", extra: String = "") -> String
    {
        """
        {"caseledgerMapping": "1", "source": "desk", "format": "csv", "case": "id",
         "time": {"column": "at", "format": "iso8601", "zone": "\(zone)"}, "order": "\(order)",
         "nulls": ["?", ""],
         "status": {"columns": ["state"], "values": [
            {"when": ["New"], "status": "open"}, {"when": ["-100"], "status": "open"},
            {"when": ["Wait"], "status": "waiting", "waitingOn": "customer"},
            {"when": ["Done"], "status": "resolved"}]},
         "team": "team"\(extra.isEmpty ? "" : ", \(extra)"), "carries": ["custody", "status"]}
        """
    }

    /// A CSV mapping.
    static func csv(
        order: String = "time",
        zone: String = "UTC",
        extra: String = ""
    ) throws(MappingError) -> ImportMapping {
        try ImportMapping(json: Array(self.csvText(order: order, zone: zone, extra: extra).utf8))
    }

    /// The header of sources for ``csv(order:zone:extra:)``.
    static let csvHeader = "id,at,state,team\n"

    /// An XES mapping.
    static func xes(extra: String = "") throws(MappingError) -> ImportMapping {
        let text = """
            {"caseledgerMapping": "1", "source": "desk", "format": "xes",
             "case": {"trace": "concept:name"},
             "time": {"column": "time:timestamp", "format": "iso8601", "zone": "UTC"},
             "order": "time",
             "status": {"columns": ["concept:name"], "values": [
                {"when": ["New"], "status": "open"}, {"when": ["Done"], "status": "resolved"}]},
             "team": "org:group"\(extra.isEmpty ? "" : ", \(extra)"), "carries": []}
            """
        return try ImportMapping(json: Array(text.utf8))
    }

    /// An XES document of one trace `c1` with `events` in it.
    static func xesLog(_ events: String, head: String = "") -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <log xes.version="1.0">\(head)<trace><string key="concept:name" value="c1"/>
        \(events)</trace></log>
        """
    }

    /// An XES event.
    static func xesEvent(_ name: String = "New", extra: String = "") -> String {
        """
        <event><string key="concept:name" value="\(name)"/>\
        <date key="time:timestamp" value="2024-01-02T03:04:05+01:00"/>\(extra)</event>

        """
    }
}

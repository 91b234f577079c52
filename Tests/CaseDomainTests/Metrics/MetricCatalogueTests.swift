import CaseDomain
import LedgerTypes
import Testing

@Suite("Metric catalogue")
struct MetricCatalogueTests {
    @Test("All of M-01 to M-39 are there, each once, each explained")
    func complete() {
        let ids = MetricCatalogue.all.map(\.id.number).sorted()
        #expect(ids == Array(1...39))
        for metric in MetricCatalogue.all {
            let texts = [
                metric.name, metric.population, metric.numerator, metric.denominator,
                metric.window, metric.clock, metric.calendarPolicy, metric.attribution,
                metric.unit, metric.source, metric.needs,
            ]
            #expect(texts.allSatisfy { !$0.isEmpty }, "\(metric.id)")
            #expect(metric.version == 1)
            #expect(!metric.shadows.contains(metric.id), "\(metric.id)")
            #expect(!metric.measures.isEmpty || !metric.missing.isEmpty, "\(metric.id)")
        }
    }

    @Test("Every figure belongs to its metric and has a name of its own there")
    func measures() {
        for metric in MetricCatalogue.all {
            #expect(metric.measures.allSatisfy { $0.id.metric == metric.id }, "\(metric.id)")
            #expect(Set(metric.measures.map(\.key)).count == metric.measures.count, "\(metric.id)")
            #expect(Set(metric.measures.map(\.id)).count == metric.measures.count, "\(metric.id)")
            // So that a table has room for them in 80 columns.
            let long = metric.measures.map(\.title).filter { $0.count > 32 }
            #expect(long.isEmpty, "\(metric.id)")
        }
    }

    @Test(
        "An id is read as people write it",
        arguments: [("M-05", 5), ("m-5", 5), ("5", 5), ("M39", 39), ("M-", nil), ("x", nil)]
            as [(String, UInt8?)]
    )
    func ids(text: String, number: UInt8?) {
        #expect(MetricID(text)?.number == number)
        if let number { #expect(MetricID(MetricID(number).description)?.number == number) }
    }

    @Test("A period is what its name says, the last day included")
    func periods() {
        func days(_ text: String) -> Int64? {
            var query = MetricQuery()
            guard query.limit(to: text), let from = query.from, let to = query.to else {
                return nil
            }
            return to.microseconds(since: from) / 86_400_000_000
        }
        #expect(days("2013") == 365)
        #expect(days("2012") == 366)
        #expect(days("2013-Q2") == 91)
        #expect(days("2013-02") == 28)
        #expect(days("2013-12") == 31)
        #expect(days("2013-05-07") == 1)
        #expect(days("2013-05-07..2013-05-08") == 2)
        #expect(days("2013..2014") == 730)
        for wrong in ["", "13", "2013-13", "2013-Q5", "2013-02-30", "2014..2013", "2013-05-", "x"] {
            #expect(days(wrong) == nil, "\(wrong)")
        }
    }
}

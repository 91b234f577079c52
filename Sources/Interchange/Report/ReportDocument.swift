/// A report as a page shows it: figures, charts and tables, in sections. A value; ``ReportPage``
/// writes it as HTML.
package struct ReportDocument: Hashable, Sendable {
    /// The heading.
    package var title: String
    /// What it is of, in a line.
    package var subtitle: String
    /// The parts, in order.
    package var sections: [ReportSection] = []

    /// Creates a report without sections.
    package init(title: String, subtitle: String) {
        self.title = title
        self.subtitle = subtitle
    }
}

/// A part of a report.
package struct ReportSection: Hashable, Sendable {
    /// What links to it name.
    package let id: String
    /// The heading.
    package let title: String
    /// How to read it, in a sentence or two.
    package let lead: String
    /// What it shows.
    package var blocks: [ReportBlock]

    /// Creates a part.
    package init(id: String, title: String, lead: String, blocks: [ReportBlock] = []) {
        self.id = id
        self.title = title
        self.lead = lead
        self.blocks = blocks
    }
}

/// Something that a part shows.
package enum ReportBlock: Hashable, Sendable {
    /// Large numbers side by side.
    case figures([ReportFigure])
    /// Upright bars: how something went over time, or how values spread.
    case columns(ReportColumns)
    /// Lying bars, each with its name.
    case bars(ReportBars)
    /// Who hands over to whom, as a map.
    case map(ReportMap)
    /// Rows by columns, the larger the darker.
    case matrix(ReportMatrix)
    /// A table.
    case table(ReportTable)
    /// A sentence, such as why there is no figure.
    case note(String)
}

/// A number, and what is needed to trust it.
package struct ReportFigure: Hashable, Sendable {
    /// What it is.
    package var label: String
    /// The number as it is to be shown.
    package var value: String
    /// What stands under it: n, median, 90th percentile.
    package var details: [String]
    /// The section with its definition.
    package var definition: String?
    /// The section with its cases.
    package var cases: String?
    /// Whether it rests on so few that it may be chance.
    package var isSmall = false

    /// Creates a figure.
    package init(
        _ label: String,
        _ value: String,
        details: [String] = [],
        definition: String? = nil,
        cases: String? = nil,
        isSmall: Bool = false
    ) {
        self.label = label
        self.value = value
        self.details = details
        self.definition = definition
        self.cases = cases
        self.isSmall = isSmall
    }
}

/// A value with its name.
package struct ReportValue: Hashable, Sendable {
    /// Its name.
    package var label: String
    /// How large it is; `nil` is not known, and leaves a gap.
    package var value: Double?
    /// The value as it is to be shown.
    package var text: String

    /// Creates a value.
    package init(_ label: String, _ value: Double?, _ text: String) {
        self.label = label
        self.value = value
        self.text = text
    }
}

/// Upright bars.
package struct ReportColumns: Hashable, Sendable {
    /// What is shown, with its unit.
    package var title: String
    /// The bars, from left to right.
    package var values: [ReportValue]
    /// Places to mark with a line: the value's place between bars, and a name.
    package var marks: [ReportMark] = []

    /// A line across the bars.
    package struct ReportMark: Hashable, Sendable {
        /// Where, in bars from the left edge.
        package var place: Double
        /// What it marks.
        package var label: String

        /// Creates a mark.
        package init(_ place: Double, _ label: String) {
            self.place = place
            self.label = label
        }
    }

    /// Creates a chart.
    package init(_ title: String, _ values: [ReportValue], marks: [ReportMark] = []) {
        self.title = title
        self.values = values
        self.marks = marks
    }
}

/// Lying bars.
package struct ReportBars: Hashable, Sendable {
    /// What is shown, with its unit.
    package var title: String
    /// The bars, from top to bottom.
    package var values: [ReportValue]

    /// Creates a chart.
    package init(_ title: String, _ values: [ReportValue]) {
        self.title = title
        self.values = values
    }
}

/// Who hands over to whom.
package struct ReportMap: Hashable, Sendable {
    /// How often the one handed over to the other.
    package struct Pair: Hashable, Sendable {
        /// From.
        package var from: String
        /// To.
        package var to: String
        /// How often.
        package var count: Int

        /// Creates a pair.
        package init(from: String, to: String, count: Int) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    /// What is shown.
    package var title: String
    /// The pairs, most frequent first.
    package var pairs: [Pair]

    /// Creates a map.
    package init(_ title: String, _ pairs: [Pair]) {
        self.title = title
        self.pairs = pairs
    }
}

/// Rows by columns.
package struct ReportMatrix: Hashable, Sendable {
    /// What is shown, with its unit.
    package var title: String
    /// What the rows are.
    package var rowName: String
    /// The columns.
    package var columns: [String]
    /// The rows: a name, and a value for each column.
    package var rows: [Row]

    /// A row.
    package struct Row: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// Its values; the label is not shown.
        package var values: [ReportValue]

        /// Creates a row.
        package init(_ name: String, _ values: [ReportValue]) {
            self.name = name
            self.values = values
        }
    }

    /// Creates a matrix.
    package init(_ title: String, rowName: String, columns: [String], rows: [Row]) {
        self.title = title
        self.rowName = rowName
        self.columns = columns
        self.rows = rows
    }
}

/// A table of texts; columns from the second on are aligned to the right if they hold numbers.
package struct ReportTable: Hashable, Sendable {
    /// A cell.
    package enum Cell: Hashable, Sendable {
        /// Words.
        case text(String)
        /// A number as it is to be shown.
        case number(String)
        /// Something to type.
        case command(String)
        /// A term with what links to it name.
        case term(String, id: String)
        /// Words with what links to them name.
        case anchor(String, id: String)
        /// Words that lead to what has that id.
        case link(String, to: String)
    }

    /// What is shown; empty for none.
    package var title: String
    /// The columns.
    package var columns: [String]
    /// The rows.
    package var rows: [[Cell]]

    /// Creates a table.
    package init(_ title: String, columns: [String], rows: [[Cell]]) {
        self.title = title
        self.columns = columns
        self.rows = rows
    }
}

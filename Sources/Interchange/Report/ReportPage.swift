/// Writes a report as one HTML file that needs nothing else: styles and charts stand in it, no
/// script, nothing fetched. Light and dark as the reader's system is; made to be printed. Pure.
///
/// Every text of the report is escaped; attributes are written by this type alone.
package struct ReportPage {
    var html = ""
    /// What definitions there are to link to.
    private let definitions: Set<String>

    private init(_ report: ReportDocument) {
        let tables = report.sections.flatMap(\.blocks).compactMap { block in
            if case .table(let table) = block { table } else { nil }
        }
        self.definitions = Set(
            tables.flatMap(\.rows).joined().compactMap { cell in
                if case .term(_, let id) = cell { Self.id(id) } else { nil }
            }
        )
    }

    /// The report as UTF-8.
    package static func bytes(of report: ReportDocument) -> [UInt8] {
        var page = ReportPage(report)
        page.write(report)
        return Array(page.html.utf8)
    }

    private mutating func write(_ report: ReportDocument) {
        self.html += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        self.html +=
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            + "<meta name=\"color-scheme\" content=\"light dark\">\n"
            // Nothing may be loaded or run, whatever a text of the ledger holds.
            + "<meta http-equiv=\"Content-Security-Policy\" "
            + "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>"
        self.text(report.title)
        self.html += "</title>\n<style>\n\(Self.style)</style>\n</head>\n<body>\n<header><h1>"
        self.text(report.title)
        self.html += "</h1><p>"
        self.text(report.subtitle)
        self.html += "</p>\n<nav>"
        for section in report.sections {
            self.link(to: section.id, section.title)
            self.html += " "
        }
        self.html += "</nav></header>\n<main>\n"
        for section in report.sections { self.write(section) }
        self.html += "</main>\n</body>\n</html>\n"
    }

    private mutating func write(_ section: ReportSection) {
        self.html += "<section id=\"\(Self.id(section.id))\"><h2>"
        self.text(section.title)
        self.html += "</h2>"
        if !section.lead.isEmpty {
            self.html += "<p class=\"lead\">"
            self.textWithDefinitions(section.lead)
            self.html += "</p>"
        }
        self.html += "\n"
        for block in section.blocks { self.write(block) }
        self.html += "</section>\n"
    }

    private mutating func write(_ block: ReportBlock) {
        switch block {
        case .figures(let figures):
            self.html += "<div class=\"figures\">\n"
            for figure in figures { self.write(figure) }
            self.html += "</div>\n"
        case .columns(let columns): self.write(columns)
        case .bars(let bars): self.write(bars)
        case .map(let map): self.write(map)
        case .matrix(let matrix): self.write(matrix)
        case .table(let table): self.write(table)
        case .note(let note):
            self.html += "<p class=\"note\">"
            self.text(note)
            self.html += "</p>\n"
        }
    }

    private mutating func write(_ figure: ReportFigure) {
        self.html += "<div class=\"figure\"><div class=\"label\">"
        self.text(figure.label)
        self.html += "</div><div class=\"value\">"
        self.text(figure.value)
        if figure.isSmall {
            self.html += "<sup title=\"of fewer than 20: may be chance\">few</sup>"
        }
        self.html += "</div>"
        for detail in figure.details {
            self.html += "<div class=\"detail\">"
            self.text(detail)
            self.html += "</div>"
        }
        self.html += "<div class=\"links\">"
        if let definition = figure.definition { self.link(to: definition, "definition") }
        if figure.definition != nil, figure.cases != nil { self.html += " · " }
        if let cases = figure.cases { self.link(to: cases, "cases") }
        self.html += "</div></div>\n"
    }

    private mutating func write(_ table: ReportTable) {
        self.html += "<div class=\"wide\"><table>"
        if !table.title.isEmpty {
            self.html += "<caption>"
            self.textWithDefinitions(table.title)
            self.html += "</caption>"
        }
        self.html += "<thead><tr>"
        for (place, column) in table.columns.enumerated() {
            let isNumber = table.rows.contains { row in
                guard place < row.count, case .number = row[place] else { return false }
                return true
            }
            self.html += isNumber ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">"
            self.text(column)
            self.html += "</th>"
        }
        self.html += "</tr></thead><tbody>\n"
        for row in table.rows {
            self.html += "<tr>"
            for cell in row { self.write(cell) }
            self.html += "</tr>\n"
        }
        self.html += "</tbody></table></div>\n"
    }

    private mutating func write(_ cell: ReportTable.Cell) {
        switch cell {
        case .text(let text):
            self.html += "<td>"
            self.text(text)
        case .number(let text):
            self.html += "<td class=\"number\">"
            self.text(text)
        case .command(let text):
            self.html += "<td><code>"
            self.text(text)
            self.html += "</code>"
        case .term(let text, let id):
            self.html += "<td id=\"\(Self.id(id))\"><strong>"
            self.text(text)
            self.html += "</strong>"
        case .anchor(let text, let id):
            self.html += "<td id=\"\(Self.id(id))\">"
            self.text(text)
        case .link(let text, let id):
            self.html += "<td class=\"name\">"
            self.link(to: id, text)
        }
        self.html += "</td>"
    }

    private mutating func write(_ matrix: ReportMatrix) {
        let most = matrix.rows.flatMap { $0.values.compactMap(\.value) }.max() ?? 0
        self.html += "<div class=\"wide\"><table class=\"matrix\"><caption>"
        self.textWithDefinitions(matrix.title)
        self.html += "</caption><thead><tr><th scope=\"col\">"
        self.text(matrix.rowName)
        self.html += "</th>"
        for column in matrix.columns {
            self.html += "<th scope=\"col\" class=\"number\">"
            self.text(column)
            self.html += "</th>"
        }
        self.html += "</tr></thead><tbody>\n"
        for row in matrix.rows {
            self.html += "<tr><th scope=\"row\">"
            self.text(row.name)
            self.html += "</th>"
            for value in row.values {
                let weight = most > 0 ? Int(((value.value ?? 0) / most * 60).rounded()) : 0
                self.html += "<td class=\"number\" style=\"--weight:\(weight)%\">"
                self.text(value.text)
                self.html += "</td>"
            }
            self.html += "</tr>\n"
        }
        self.html += "</tbody></table></div>\n"
    }

    private mutating func link(to id: String, _ words: String) {
        self.html += "<a href=\"#\(Self.id(id))\">"
        self.text(words)
        self.html += "</a>"
    }

    /// Text in which the number of a metric, such as M-12, leads to its definition.
    mutating func textWithDefinitions(_ text: String) {
        var rest = text[...]
        while let match = rest.firstMatch(of: /M-\d\d/) {
            self.text(String(rest[..<match.range.lowerBound]))
            let name = String(match.0)
            if self.definitions.contains(Self.id("def-\(name)")) {
                self.link(to: "def-\(name)", name)
            } else {
                self.text(name)
            }
            rest = rest[match.range.upperBound...]
        }
        self.text(String(rest))
    }

    /// An id as an attribute: letters, digits and hyphens, whatever it was made of.
    static func id(_ text: String) -> String {
        String(
            text.lowercased().unicodeScalars.map { scalar in
                switch scalar.value {
                case 0x30...0x39, 0x61...0x7A: Character(scalar)
                default: "-"
                }
            }
        )
    }

    /// Writes text where words stand, or in an attribute in quotation marks.
    mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": self.html += "&amp;"
            case "<": self.html += "&lt;"
            case ">": self.html += "&gt;"
            case "\"": self.html += "&quot;"
            case "'": self.html += "&#39;"
            // What steers the direction of text could make a name look like another.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": self.html += "\u{FFFD}"
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t",
                "\u{7F}"..."\u{9F}":
                self.html += "\u{FFFD}"
            default: self.html.unicodeScalars.append(scalar)
            }
        }
    }
}

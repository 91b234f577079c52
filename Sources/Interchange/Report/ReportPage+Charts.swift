internal import Glibc

// Charts as SVG: the numbers are in the picture's texts as well, for readers who do not see it.
extension ReportPage {
    private static let width = 720.0

    /// A number as an attribute: one digit of fraction at most.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = Int((min(max(value, -100_000), 100_000) * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let whole = abs(tenths) / 10
        return tenths % 10 == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(abs(tenths) % 10)"
    }

    /// Begins a figure with a picture of that height.
    private mutating func begin(_ title: String, height: Double, _ values: [String]) {
        self.html += "<figure><figcaption>"
        self.textWithDefinitions(title)
        self.html += "</figcaption><svg viewBox=\"0 0 \(Self.number(Self.width)) "
        self.html += "\(Self.number(height))\" role=\"img\"><title>"
        self.text(title)
        self.html += "</title><desc>"
        self.text(values.joined(separator: "; "))
        self.html += "</desc>\n"
    }

    private mutating func end() { self.html += "</svg></figure>\n" }

    private mutating func line(
        _ x1: Double,
        _ y1: Double,
        _ x2: Double,
        _ y2: Double,
        _ style: String
    ) {
        let (x1, y1) = (Self.number(x1), Self.number(y1))
        let (x2, y2) = (Self.number(x2), Self.number(y2))
        self.html +=
            "<line class=\"\(style)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>\n"
    }

    private mutating func label(
        _ text: String,
        _ x: Double,
        _ y: Double,
        anchor: String = "start",
        isStrong: Bool = false
    ) {
        self.html += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
        self.html += "text-anchor=\"\(anchor)\"\(isStrong ? " class=\"strong\"" : "")>"
        self.text(text)
        self.html += "</text>\n"
    }

    private mutating func bar(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        _ words: String
    ) {
        self.html += "<rect class=\"bar\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
        self.html += "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\">"
        self.html += "<title>"
        self.text(words)
        self.html += "</title></rect>\n"
    }

    /// At most `columns` characters of `text`.
    private static func cut(_ text: String, _ columns: Int) -> String {
        text.count <= columns ? text : text.prefix(columns - 1) + "…"
    }

    mutating func write(_ columns: ReportColumns) {
        let height = 190.0
        let (left, top, bottom) = (8.0, columns.marks.isEmpty ? 22.0 : 54.0, 34.0)
        let floor = height - bottom
        let most = columns.values.compactMap(\.value).max() ?? 0
        self.begin(columns.title, height: height, columns.values.map { "\($0.label): \($0.text)" })
        let step = min((Self.width - 2 * left) / Double(max(columns.values.count, 1)), 110)
        func size(_ number: Double) -> Double {
            most > 0 ? max(number / most * (floor - top), number > 0 ? 1 : 0) : 0
        }
        for (place, value) in columns.values.enumerated() {
            guard let number = value.value else { continue }
            let x = left + (Double(place) + 0.1) * step
            let words = "\(value.label): \(value.text)"
            self.bar(x, floor - size(number), step * 0.8, size(number), words)
        }
        self.line(left, floor, Self.width - left, floor, "axis")
        self.write(columns.marks, left: left, step: step, floor: floor)
        // As many names as fit, the first among them. Words come last, so that no line crosses
        // them.
        let every = max(1, Int((64 / step).rounded(.up)))
        let isRoomy = step >= 46
        for (place, value) in columns.values.enumerated() {
            let middle = left + (Double(place) + 0.5) * step
            if let number = value.value, isRoomy || number == most {
                self.label(
                    value.text,
                    min(max(middle, 24), Self.width - 24),
                    floor - size(number) - 5,
                    anchor: "middle",
                    isStrong: true
                )
            }
            guard place.isMultiple(of: every) else { continue }
            let x = min(max(middle, 26), Self.width - 26)
            self.label(Self.cut(value.label, 14), x, floor + 18, anchor: "middle")
        }
        self.end()
    }

    /// Lines across the bars; where two stand close together, the words of the second are lower.
    private mutating func write(
        _ marks: [ReportColumns.ReportMark],
        left: Double,
        step: Double,
        floor: Double
    ) {
        var isLow = false
        var last = -Self.width
        for mark in marks {
            let x = min(max(left + mark.place * step, left), Self.width - left)
            isLow = x - last < 120 && !isLow
            last = x
            self.line(x, isLow ? 20 : 6, x, floor, "mark")
            let isRight = x > Self.width * 0.7
            let anchor = isRight ? "end" : "start"
            self.label(mark.label, x + (isRight ? -5 : 5), isLow ? 31 : 16, anchor: anchor)
        }
    }

    mutating func write(_ bars: ReportBars) {
        let (rowHeight, left) = (26.0, 230.0)
        let height = rowHeight * Double(max(bars.values.count, 1)) + 6
        let most = bars.values.compactMap(\.value).max() ?? 0
        self.begin(bars.title, height: height, bars.values.map { "\($0.label): \($0.text)" })
        for (place, value) in bars.values.enumerated() {
            let y = Double(place) * rowHeight + 4
            self.label(Self.cut(value.label, 32), left - 8, y + 14, anchor: "end", isStrong: true)
            let size = most > 0 ? max(0, value.value ?? 0) / most * (Self.width - left - 120) : 0
            self.bar(left, y, max(size, 1), rowHeight - 8, "\(value.label): \(value.text)")
            self.label(value.text, left + size + 8, y + 14)
        }
        self.end()
    }

    /// The most nodes and arrows of a map; the table beside it has the rest.
    static let mapNodesMax = 14
    private static let mapPairsMax = 40

    mutating func write(_ map: ReportMap) {
        let nodes = Self.nodes(of: map.pairs)
        let shown = map.pairs.filter { nodes.contains($0.from) && nodes.contains($0.to) }
            .prefix(Self.mapPairsMax)
        let height = 420.0
        let (centreX, centreY, radius) = (Self.width / 2, height / 2, 150.0)
        func place(_ node: Int, _ distance: Double) -> (x: Double, y: Double) {
            let angle = Double(node) / Double(max(nodes.count, 1)) * 2 * .pi - .pi / 2
            return (centreX + cos(angle) * distance * 1.45, centreY + sin(angle) * distance)
        }
        let names = map.pairs.prefix(20).map { "\($0.from) to \($0.to): \($0.count)" }
        self.begin(map.title, height: height, Array(names))
        let most = Double(shown.map(\.count).max() ?? 1)
        for pair in shown.reversed() {
            guard let from = nodes.firstIndex(of: pair.from),
                let to = nodes.firstIndex(of: pair.to), from != to
            else { continue }
            self.arrow(
                place(from, radius),
                place(to, radius),
                (centreX, centreY),
                Double(pair.count) / most,
                "\(pair.from) to \(pair.to): \(pair.count)"
            )
        }
        for (number, name) in nodes.enumerated() {
            let at = place(number, radius)
            self.html += "<circle class=\"node\" cx=\"\(Self.number(at.x))\" "
            self.html += "cy=\"\(Self.number(at.y))\" r=\"6\"/>\n"
            let outside = place(number, radius + 16)
            let side = outside.x - centreX
            let anchor = abs(side) < 30 ? "middle" : side > 0 ? "start" : "end"
            let below = outside.y > centreY ? 8.0 : 2.0
            self.label(
                Self.cut(name, 24),
                outside.x,
                outside.y + below,
                anchor: anchor,
                isStrong: true
            )
        }
        self.end()
    }

    /// Those with most handovers, in order of their names.
    private static func nodes(of pairs: [ReportMap.Pair]) -> [String] {
        var sums: [String: Int] = [:]
        for pair in pairs {
            sums[pair.from, default: 0] += pair.count
            sums[pair.to, default: 0] += pair.count
        }
        return sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(Self.mapNodesMax).map(\.key).sorted()
    }

    /// A curve that bends towards the middle and ends in a tip; the way back bends differently, as
    /// the tip stands on the other end.
    private mutating func arrow(
        _ from: (x: Double, y: Double),
        _ to: (x: Double, y: Double),
        _ centre: (x: Double, y: Double),
        _ weight: Double,
        _ words: String
    ) {
        let middle = ((from.x + to.x) / 2, (from.y + to.y) / 2)
        // Sideways by the direction, so that the two ways do not lie on each other.
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        let length = max((dx * dx + dy * dy).squareRoot(), 1)
        let bend = (
            middle.0 * 0.6 + centre.x * 0.4 - dy / length * 18,
            middle.1 * 0.6 + centre.y * 0.4 + dx / length * 18
        )
        let (ex, ey) = (to.x - bend.0, to.y - bend.1)
        let end = max((ex * ex + ey * ey).squareRoot(), 1)
        let (ux, uy) = (ex / end, ey / end)
        let tip = (to.x - ux * 8, to.y - uy * 8)
        let size = 4 + weight * 5
        let base = (tip.0 - ux * size, tip.1 - uy * size)
        let thickness = 0.8 + weight * 7
        self.html += "<g opacity=\"0.\(4 + Int(weight * 5))\"><title>"
        self.text(words)
        self.html += "</title><path class=\"flow\" stroke-width=\"\(Self.number(thickness))\" d=\"M"
        self.html += "\(Self.number(from.x)) \(Self.number(from.y))Q\(Self.number(bend.0)) "
        self.html += "\(Self.number(bend.1)) \(Self.number(base.0)) \(Self.number(base.1))\"/>"
        let half = size * 0.8 + thickness / 3
        self.html += "<path class=\"tip\" d=\"M\(Self.number(tip.0)) \(Self.number(tip.1))L"
        self.html += "\(Self.number(base.0 - uy * half)) \(Self.number(base.1 + ux * half))L"
        self.html += "\(Self.number(base.0 + uy * half)) \(Self.number(base.1 - ux * half))Z\"/>"
        self.html += "</g>\n"
    }
}

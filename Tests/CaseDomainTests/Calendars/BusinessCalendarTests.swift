import LedgerTesting
import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Business hours")
struct BusinessCalendarTests {
    private static let minute: Int64 = 60_000_000

    private static func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    /// Berlin, nine to five on weekdays, with the summer time of 2024.
    private static func berlin(_ change: (inout CalendarDefined) -> Void = { _ in }) throws
        -> BusinessCalendar
    {
        var definition = CalendarDefined()
        for weekday in 1...5 { definition.hours.append(Self.hours(weekday, 540, 1_020)) }
        let summer = try Self.time("2024-03-31T01:00:00Z")
        let winter = try Self.time("2024-10-27T01:00:00Z")
        for (at, hours) in [(nil, 1), (summer, 2), (winter, 1)] {
            var transition = ZoneTransition()
            transition.at = at
            transition.offsetSeconds = Int64(hours) * 3_600
            definition.transitions.append(transition)
        }
        change(&definition)
        return BusinessCalendar(definition)
    }

    private static func hours(_ weekday: Int, _ from: Int, _ to: Int) -> WeekHours {
        var hours = WeekHours()
        hours.weekday = UInt32(weekday)
        hours.fromMinute = UInt32(from)
        hours.toMinute = UInt32(to)
        return hours
    }

    private static func minutes(
        _ calendar: BusinessCalendar,
        _ from: String,
        _ to: String
    ) throws -> Int64 {
        calendar.microseconds(from: try Self.time(from), to: try Self.time(to)) / Self.minute
    }

    @Test("Nights and weekends do not count")
    func weekend() throws {
        let calendar = try Self.berlin()
        // Friday four to Monday ten, in Berlin.
        let found = try Self.minutes(calendar, "2024-01-05T15:00:00Z", "2024-01-08T09:00:00Z")
        #expect(found == 120)
        #expect(try Self.minutes(calendar, "2024-01-08T09:00:00Z", "2024-01-05T15:00:00Z") == 0)
    }

    @Test("A holiday does not count, however long the time around it")
    func holiday() throws {
        let calendar = try Self.berlin {
            $0.holidays = [CalendarDate("2024-01-08")].compactMap(\.self)
        }
        let found = try Self.minutes(calendar, "2024-01-05T15:00:00Z", "2024-01-09T09:00:00Z")
        #expect(found == 120)
        let year = try Self.minutes(calendar, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
        // 262 weekdays in 2024, one of them a holiday.
        #expect(year == 261 * 480)
    }

    @Test("An hour that the clocks skip does not count, one that they repeat counts twice")
    func summerTime() throws {
        let nights = try Self.berlin { $0.hours = [Self.hours(7, 0, 360)] }
        let spring = try Self.minutes(nights, "2024-03-30T12:00:00Z", "2024-03-31T12:00:00Z")
        #expect(spring == 300)
        let autumn = try Self.minutes(nights, "2024-10-26T12:00:00Z", "2024-10-27T12:00:00Z")
        #expect(autumn == 420)
        #expect(try Self.minutes(nights, "2024-03-23T12:00:00Z", "2024-03-24T12:00:00Z") == 360)
    }

    @Test("Hours that overlap count once, and hours that are none do not count")
    func overlap() throws {
        let calendar = try Self.berlin {
            $0.hours = [
                Self.hours(1, 540, 720), Self.hours(1, 600, 780), Self.hours(1, 780, 800),
                Self.hours(2, 700, 600), Self.hours(9, 0, 600), Self.hours(3, 0, 9_000),
            ]
        }
        let found = try Self.minutes(calendar, "2024-01-07T23:00:00Z", "2024-01-14T23:00:00Z")
        #expect(found == 260 + 1_440)
    }

    /// What a reader without patience for cleverness would compute: minute by minute.
    private struct SlowModel {
        let definition: CalendarDefined

        func counts(_ time: Timestamp) -> Bool {
            var offset: Int64?
            for transition in definition.transitions {
                let isBefore = transition.at.map { $0 <= time } ?? true
                if isBefore || offset == nil { offset = transition.offsetSeconds }
            }
            let local = time.microseconds + (offset ?? 0) * 1_000_000
            let day = Int64((Double(local) / 86_400_000_000).rounded(.down))
            guard !definition.holidays.contains(CalendarDate(daysSince1970: day)) else {
                return false
            }
            let minute = (local - day * 86_400_000_000) / 60_000_000
            let weekday = ((day + 3) % 7 + 7) % 7 + 1
            return definition.hours.contains {
                Int64($0.weekday) == weekday && Int64($0.fromMinute) <= minute
                    && minute < Int64($0.toMinute)
            }
        }
    }

    private static func randomDefinition(_ random: inout SeededRandom) -> CalendarDefined {
        var definition = CalendarDefined()
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            let from = Int.random(in: 0...1_500, using: &random)
            let to = from + Int.random(in: -60...900, using: &random)
            let weekday = Int.random(in: 0...8, using: &random)
            definition.hours.append(Self.hours(weekday, from, max(0, to)))
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let day = Int64.random(in: 19_990...20_030, using: &random)
            definition.holidays.append(CalendarDate(daysSince1970: day))
        }
        var at = Int64.random(in: 19_990...20_010, using: &random) * 1_440
        for number in 0..<Int.random(in: 0...4, using: &random) {
            var transition = ZoneTransition()
            if number > 0 || Bool.random(using: &random) {
                transition.at = Timestamp(microseconds: at * Self.minute)
            }
            transition.offsetSeconds = Int64.random(in: -50...50, using: &random) * 900
            definition.transitions.append(transition)
            at += Int64.random(in: 1...9_000, using: &random)
        }
        return definition
    }

    @Test("The arithmetic is that of counting minute by minute", arguments: 0..<40)
    func slowModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let definition = Self.randomDefinition(&random)
        let calendar = BusinessCalendar(definition)
        let model = SlowModel(definition: definition)
        let start =
            Int64.random(in: 19_990...20_000, using: &random) * 1_440
            + Int64.random(in: 0..<1_440, using: &random)
        let length = Int64.random(in: 0...30_000, using: &random)
        var sum: Int64 = 0
        let from = Timestamp(microseconds: start * Self.minute)
        var reached: [(minutes: Int64, at: Timestamp)] = []
        for minute in 0..<length {
            let time = from.adding(microseconds: minute * Self.minute)
            guard model.counts(time) else { continue }
            sum += 1
            let after = time.adding(microseconds: Self.minute)
            if sum.isMultiple(of: 997) { reached.append((sum, after)) }
        }
        let to = from.adding(microseconds: length * Self.minute)
        #expect(calendar.microseconds(from: from, to: to) == sum * Self.minute, "seed \(seed)")
        for (minutes, at) in reached {
            #expect(calendar.time(after: minutes * Self.minute, from: from) == at, "seed \(seed)")
        }
    }

    @Test("What never comes is not waited for, and the ends of time do no harm")
    func ends() throws {
        let never = BusinessCalendar(CalendarDefined())
        #expect(never.isEmpty)
        #expect(never.time(after: 1, from: Story.start) == nil)
        #expect(never.time(after: 0, from: Story.start) == Story.start)
        let calendar = try Self.berlin()
        let least = Timestamp(microseconds: .min)
        let most = Timestamp(microseconds: .max)
        #expect(calendar.microseconds(from: least, to: most) > 0)
        #expect(calendar.time(after: .max, from: Story.start) == nil)
    }
}

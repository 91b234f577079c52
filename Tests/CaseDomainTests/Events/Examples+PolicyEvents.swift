import CaseDomain
import LedgerTypes

extension Examples {
    static let policyDefined: PolicyDefined = make {
        $0.what = .slaTarget
        $0.version = 3
        $0.from = time
        $0.value = 70_000
        $0.rule = "rule-1"
        $0.mode = .flag
        $0.sla = make {
            $0.metric = .resolution
            $0.seconds = 70_000
            $0.calendarID = "calendarID-1"
            $0.pauseOn = [.internalTeam]
        }
        $0.text = "text-1"
    }
    static let calendarDefined: CalendarDefined = make {
        $0.version = 3
        $0.hours = [
            make {
                $0.weekday = 3
                $0.fromMinute = 3
                $0.toMinute = 3
            }
        ]
        $0.holidays = [CalendarDate(daysSince1970: 19_663)]
        $0.timeZone = "timeZone-1"
        $0.tzVersion = "tzVersion-1"
        $0.transitions = [
            make {
                $0.at = time
                $0.offsetSeconds = -3_600
            }
        ]
    }
    static let metricDefined: MetricDefined = make {
        $0.version = 3
        $0.name = "name-1"
        $0.population = "population-1"
        $0.numerator = "numerator-1"
        $0.denominator = "denominator-1"
        $0.windowSeconds = 70_000
        $0.clock = "clock-1"
        $0.calendarPolicy = "calendarPolicy-1"
        $0.attribution = "attribution-1"
        $0.exclusions = ["exclusions-1", "exclusions-2"]
        $0.unit = "unit-1"
    }
}

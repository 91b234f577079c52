import CaseDomain
import LedgerTypes

extension Examples {
    static let agentEnrolled: AgentEnrolled = make {
        $0.name = .open("the name 1")
        $0.programme = "programme-1"
        $0.homeDepartment = "homeDepartment-1"
        $0.team = "team-1"
        $0.tier = .t1
        $0.skills = ["skills-1", "skills-2"]
        $0.authorityLimit = make {
            $0.amountMinor = 4_999
            $0.currency = "currency-1"
        }
        $0.from = time
        $0.to = time
    }
    static let agentAbsent: AgentAbsent = make {
        $0.from = time
        $0.to = time
    }
    static let agentLeft: AgentLeft = make {
        $0.from = time
    }
    static let teamDefined: TeamDefined = make {
        $0.site = "site-1"
        $0.tier = .t1
        $0.customerFacing = true
        $0.routingOnly = true
        $0.calendarID = "calendarID-1"
    }
    static let scriptDefined: ScriptDefined = make {
        $0.version = 3
        $0.product = "product-1"
        $0.steps = [
            make {
                $0.stepID = "stepID-1"
                $0.purpose = "purpose-1"
            }
        ]
    }
    static let presenceImported: PresenceImported = make {
        $0.state = .busy
        $0.from = time
        $0.to = time
    }
    static let recordViewed: RecordViewed = make {
        $0.what = "what-1"
        $0.purpose = "purpose-1"
    }
}

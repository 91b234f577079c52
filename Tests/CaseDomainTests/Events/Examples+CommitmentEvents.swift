import CaseDomain
import LedgerTypes

extension Examples {
    static let commitmentMade: CommitmentMade = make {
        $0.commitmentID = "commitmentID-1"
        $0.kind = .update
        $0.promisedBy = "promisedBy-1"
        $0.dueFrom = time
        $0.dueAt = time
        $0.channel = .chat
        $0.text = .open("the text 1")
        $0.sameRepPromised = true
    }
    static let commitmentSettled: CommitmentSettled = make {
        $0.commitmentID = "commitmentID-1"
        $0.outcome = .attempted
        $0.newCommitmentID = "newCommitmentID-1"
        $0.rescheduledBy = .us
        $0.keptBy = "keptBy-1"
    }
}

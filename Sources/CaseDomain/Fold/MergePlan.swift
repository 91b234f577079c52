internal import LedgerTypes

/// Which merges hold among the cases whose events fold into one. Of merges that close a circle the
/// last in fold order is ignored (C7); every case of the circle sees all of them, so all agree.
struct MergePlan: RarePart {
    static let blank = MergePlan()

    private struct Edge: Hashable, Sendable {
        var link: EventID
        var target: String
    }

    /// The merges that hold, by the case that was merged: nearly always one, so that following a
    /// chain costs its length.
    private var edges: [String: [Edge]] = [:]
    private var sourceOfLink: [EventID: String] = [:]
    /// The links that would close a circle.
    private(set) var ignored: Set<EventID> = []
    /// The ids of the cases that are merged into the one that is folded, directly or not.
    private(set) var sources: Set<String> = []

    /// A plan without merges.
    init() {}

    /// Reads the merges among `events`, which stand in fold order.
    init(_ events: [CaseEvent], into caseID: Subject) {
        for event in events where event.duplicateOf == nil && event.subject.isCase {
            switch event.payload {
            case .caseLinked(let link) where link.relation == .mergedInto:
                let source = event.subject.id
                if self.reaches(source, from: link.otherCaseID) {
                    self.ignored.insert(event.id)
                } else {
                    let edge = Edge(link: event.id, target: link.otherCaseID)
                    self.edges[source, default: []].append(edge)
                    self.sourceOfLink[event.id] = source
                }
            case .caseUnlinked(let unlink):
                guard let link = unlink.linkEventID else { continue }
                self.ignored.remove(link)
                if let source = self.sourceOfLink.removeValue(forKey: link) {
                    self.edges[source]?.removeAll { $0.link == link }
                }
            default: break
            }
        }
        self.findSources(of: caseID.id)
    }

    /// Whether events that came through `viaCase` belong to the case: who loads them follows
    /// merges, and cannot know which of them closes a circle.
    func includes(_ viaCase: Subject?) -> Bool {
        guard let viaCase, !self.ignored.isEmpty else { return true }
        return self.sources.contains(viaCase.id)
    }

    private func reaches(_ goal: String, from start: String) -> Bool {
        var todo = [start]
        var done: Set<String> = []
        while let next = todo.popLast() {
            if next == goal { return true }
            guard done.insert(next).inserted else { continue }
            for edge in self.edges[next] ?? [] { todo.append(edge.target) }
        }
        return false
    }

    private mutating func findSources(of target: String) {
        var mergedInto: [String: [String]] = [:]
        for (source, edges) in self.edges {
            for edge in edges { mergedInto[edge.target, default: []].append(source) }
        }
        var todo = [target]
        while let next = todo.popLast() {
            for source in mergedInto[next] ?? [] where self.sources.insert(source).inserted {
                todo.append(source)
            }
        }
    }
}

internal import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections
internal import Synchronization

/// Cases that were read lately, so that deciding on the next event of a case does not read its
/// whole story again. What is held is checked against the versions in the store at each use.
///
/// Bounded by cases and by the events they are made of: what was not used for longest goes first,
/// by two generations. Of cases that are longer than a generation the last one is held, so that
/// working on it does not read it each time. May be used from any thread.
final class CaseCache: Sendable {
    /// The most cases of one generation.
    private let casesMax: Int
    /// The most events in the cases of one generation.
    private let eventsMax: Int

    private struct Generations {
        var young: [Subject: HeldCase] = [:]
        var old: [Subject: HeldCase] = [:]
        var youngEvents = 0
        /// A case of more events than a generation may have.
        var long: HeldCase?
    }

    private let generations = Mutex(Generations())

    /// Holds at most twice `casesMax` cases, made of at most twice `eventsMax` events.
    init(casesMax: Int, eventsMax: Int) {
        self.casesMax = casesMax
        self.eventsMax = eventsMax
    }

    /// The case as `snapshot` has it: held and brought up to date, or read.
    func current(
        _ caseID: Subject,
        _ reader: CaseReader,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> HeldCase {
        if var held = self.take(caseID), try reader.refresh(&held, context, snapshot) {
            self.put(held)
            return held
        }
        let held = try reader.hold(caseID, context, snapshot)
        self.put(held)
        return held
    }

    /// Takes the case out; whoever takes it puts it back when it has been brought up to date. Taken
    /// out and not copied, so that going on with it copies nothing.
    func take(_ caseID: Subject) -> HeldCase? {
        self.generations.withLock { held in
            if let young = held.young.removeValue(forKey: caseID) {
                held.youngEvents -= young.reference.eventCount
                return young
            }
            if held.long?.caseID == caseID { return held.long.take() }
            return held.old.removeValue(forKey: caseID)
        }
    }

    /// Forgets every case.
    func removeAll() { self.generations.withLock { $0 = Generations() } }

    /// Holds a case for the next use.
    func put(_ held: HeldCase) {
        let events = held.reference.eventCount
        guard events > 0 else { return }
        self.generations.withLock { all in
            guard events <= self.eventsMax else {
                all.long = held
                return
            }
            if all.young.count >= self.casesMax || all.youngEvents + events > self.eventsMax {
                all.old = all.young
                all.young = [:]
                all.youngEvents = 0
            }
            all.old[held.caseID] = nil
            if let replaced = all.young.updateValue(held, forKey: held.caseID) {
                all.youngEvents -= replaced.reference.eventCount
            }
            all.youngEvents += events
        }
    }
}

/// Where cases are taken from: a cache, and what reads those that it does not hold.
struct CaseSource: Sendable {
    let cache: CaseCache
    let reader: CaseReader

    /// The case as `snapshot` has it.
    func current(
        _ caseID: Subject,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> HeldCase {
        try self.cache.current(caseID, self.reader, context, snapshot)
    }
}

/// The cases that a decision may take: without their texts, and with them.
struct CaseSources: Sendable {
    let sealed: CaseSource
    let opened: CaseSource
}

internal import LedgerTypes

// `case.*`: opening, rows of other systems, classification, links, waits.
extension CaseState {
    mutating func take(_ opening: CaseOpened, _ event: CaseEvent) {
        if self.opened == nil { self.opened = event.place }
        self.set(\.customerID, opening.customerID, event)
        self.set(\.product, opening.product, event)
        self.set(\.purchaseDate, opening.purchaseDate, event)
        if opening.title.isPresent { self.set(\.title, opening.title, event) }
        if opening.ticketType != .notStated { self.set(\.ticketType, opening.ticketType, event) }
        if !opening.category.isEmpty { self.set(\.category, opening.category, event) }
        if opening.severity > 0 { self.set(\.severity, opening.severity, event) }
        if !opening.priority.isEmpty { self.set(\.priority, opening.priority, event) }
        for attempt in opening.priorAttempts { self.take(attempt, event) }
        guard self.standing == .notStated else { return }
        self.standing = .open
        self.beginEpisode(event, reason: nil)
        self.fold.enter(terminal: false, at: event.occurred)
    }

    mutating func take(_ row: CaseObserved, _ event: CaseEvent) {
        let moves = self.fold.observe(row, at: event.occurred)
        if !moves.isEmpty { self.moveHolder(moves, event) }
        if let verdict = row.slaMet { self.set(\.slaMet, verdict, event) }
        if let priority = row.priority, self.priority?.value != priority {
            self.set(\.priority, priority, event)
        }
        if let id = row.product, self.product?.value.id != id {
            var product = Product()
            product.id = id
            self.set(\.product, product, event)
        }
        if row.status != .notStated { self.observe(row, event) }
    }

    private mutating func observe(_ row: CaseObserved, _ event: CaseEvent) {
        self.observedStatus = row.status
        let isWait = row.status == .waiting
        let waitingOn = row.waitingOn ?? .notStated
        let open = self.openWait
        let goesOn =
            isWait && open?.waitingOn == waitingOn && open?.subStatus == row.subStatus
        if !goesOn { self.endWait(event) }
        switch row.status {
        case .resolved, .closed:
            self.observeEnd(row.status, event)
        default:
            if self.standing == .notStated {
                self.beginEpisode(event, reason: nil)
            } else if self.standing != .open {
                self.beginEpisode(event, reason: .notStated)
            }
            self.standing = .open
            if isWait && !goesOn {
                self.waits.append(
                    WaitLine(
                        event: event.id,
                        from: event.occurred,
                        waitingOn: waitingOn,
                        subStatus: row.subStatus
                    )
                )
            }
        }
    }

    private mutating func observeEnd(_ status: ObservedStatus, _ event: CaseEvent) {
        if self.episodes.isEmpty { self.beginEpisode(event, reason: nil) }
        let last = self.episodes.count - 1
        if self.episodes[last].resolvedBy == nil {
            self.episodes[last].resolvedBy = event.id
            self.episodes[last].resolvedAt = event.occurred
            self.lastResolve = event.place
        }
        if status == .closed, self.episodes[last].closedBy == nil {
            self.episodes[last].closedBy = event.id
            self.episodes[last].closedAt = event.occurred
        }
        self.standing = status == .closed ? .closed : .resolved
        self.lastTerminalAt = event.occurred
        if status == .closed {
            self.closeReason = nil
            self.endOwnership(event)
        }
    }

    mutating func take(_ change: CaseClassified, _ event: CaseEvent) {
        self.classifiedPlaces.set(change.field, self.classified.count)
        self.classified.append(
            ClassificationLine(
                event: event.id,
                at: event.occurred,
                field: change.field,
                old: change.old,
                new: change.new,
                rule: change.rule
            )
        )
        switch change.field {
        case "category": self.set(\.category, change.new, event)
        case "priority": self.set(\.priority, change.new, event)
        case "severity": self.set(\.severity, UInt32(change.new), event)
        case "ticketType": self.set(\.ticketType, TicketType(name: change.new), event)
        case "product":
            var product = self.product?.value ?? Product()
            if product.id != change.new { product = Product() }
            product.id = change.new
            self.set(\.product, product, event)
        default: break
        }
    }

    /// The value that `field` has, as `case.classified` writes it; `nil` if it has none.
    func classification(_ field: String) -> String? {
        switch field {
        case "category": self.category?.value
        case "priority": self.priority?.value
        case "severity": self.severity.map { String($0.value) }
        case "ticketType": self.ticketType?.value.name
        case "product": self.product?.value.id
        default: self.classifiedPlaces[field].map { self.classified[$0].new }
        }
    }

    mutating func take(_ link: CaseLinked, _ event: CaseEvent) {
        let isIgnored = self.merges.ignored.contains(event.id)
        self.linkPlaces.set(event.id, self.links.count)
        self.links.append(
            LinkLine(
                event: event.id,
                at: event.occurred,
                otherCaseID: link.otherCaseID,
                relation: link.relation,
                closesCircle: isIgnored ? true : nil
            )
        )
        guard isIgnored else { return }
        self.conflict(
            .c7,
            event,
            with: event.id,
            "merging into \(link.otherCaseID), which is merged into this case, closes a circle",
            "the merge is ignored; append case.unlinked"
        )
    }

    mutating func take(_ unlink: CaseUnlinked, _ event: CaseEvent) {
        guard let place = unlink.linkEventID.flatMap({ self.linkPlaces[$0] }),
            self.links[place].unlinkedBy == nil
        else { return }
        self.links[place].unlinkedBy = event.id
    }

    mutating func take(_ change: CaseWaitChanged, _ event: CaseEvent) {
        self.endWait(event)
        guard change.waitingOn != .none else { return }
        self.waits.append(
            WaitLine(
                event: event.id,
                from: event.occurred,
                waitingOn: change.waitingOn,
                questionMessageID: change.questionMessageID,
                until: change.until
            )
        )
        self.fold.beginWait(change.waitingOn, subStatus: nil)
    }

    /// The wait that is open.
    var openWait: WaitLine? {
        guard let last = self.waits.last, last.endedBy == nil else { return nil }
        return last
    }

    mutating func endWait(_ event: CaseEvent) {
        guard self.openWait != nil else { return }
        self.waits[self.waits.count - 1].endedBy = event.id
        self.waits[self.waits.count - 1].endedAt = event.occurred
        if case .caseObserved = event.payload { return }
        self.fold.endWait()
    }

    func openLink(_ relation: LinkRelation) -> LinkLine? {
        self.links.last {
            $0.relation == relation && $0.unlinkedBy == nil && $0.closesCircle == nil
        }
    }

    private mutating func set<Value: Codable & Hashable & Sendable>(
        _ field: WritableKeyPath<CaseState, Sourced<Value>?>,
        _ value: Value?,
        _ event: CaseEvent
    ) {
        if let value { self[keyPath: field] = Sourced(value: value, event: event.id) }
    }
}

package import CaseDomain
package import LedgerTypes

/// An object of an OCEL 2.0 log: something that events are about. Its id is `type:name`.
package struct OCELObject: Hashable, Sendable {
    /// Such as `case` or `agent`.
    package let type: String
    /// Its id without the type.
    package let name: String

    /// Creates an object.
    package init(_ type: String, _ name: String) {
        self.type = type
        self.name = name
    }

    /// The id in the log.
    package var id: String { "\(self.type):\(self.name)" }
}

/// What an event, or an object, has to do with an object.
package struct OCELLink: Hashable, Sendable {
    /// The object.
    package let object: OCELObject
    /// In which role.
    package let qualifier: String

    /// Creates a link.
    package init(_ object: OCELObject, _ qualifier: String) {
        self.object = object
        self.qualifier = qualifier
    }
}

/// How one object relates to another.
package struct OCELRelation: Hashable, Sendable {
    /// The one.
    package let source: OCELObject
    /// The other, and its role.
    package let link: OCELLink

    /// Creates a relation.
    package init(_ source: OCELObject, _ target: OCELObject, _ qualifier: String) {
        self.source = source
        self.link = OCELLink(target, qualifier)
    }
}

/// From when an attribute of an object has a value; `nil` is none.
package struct OCELChange: Hashable, Sendable {
    /// The object.
    package let object: OCELObject
    /// The attribute.
    package let name: String
    /// The value.
    package let value: FieldValue?
    /// Since when.
    package let time: Timestamp

    /// Creates a change.
    package init(_ object: OCELObject, _ name: String, _ value: FieldValue?, at time: Timestamp) {
        self.object = object
        self.name = name
        self.value = value
        self.time = time
    }
}

/// An event of an OCEL 2.0 log, and what comes with it.
package struct OCELEvent: Hashable, Sendable {
    /// The event id.
    package var id: String
    /// The type.
    package var type: String
    /// When it happened.
    package var time: Timestamp
    /// The fields.
    package var attributes: [ClearField]
    /// The objects that it is about.
    package var links: [OCELLink]
    /// What it says about objects; said once, however many cases the event belongs to.
    package var changes: [OCELChange] = []
    /// What of its case changed with it.
    package var caseChanges: [OCELChange] = []
    /// How objects relate since.
    package var relations: [OCELRelation] = []

    /// Creates an event without links.
    package init(id: String, type: String, time: Timestamp, attributes: [ClearField] = []) {
        self.id = id
        self.type = type
        self.time = time
        self.attributes = attributes
        self.links = []
    }
}

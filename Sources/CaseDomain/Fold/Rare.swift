/// A part of a state that many cases never have: one word until something is written into it, so
/// that starting, handing on and dropping the state of a plain case does not pay for it.
@propertyWrapper
struct Rare<Value: RarePart>: Hashable, Sendable {
    /// Empty, or the value alone. An array, so that it is changed in place.
    private var held: [Value] = []

    /// Whether nothing was written, which costs less to find out than to look at the value.
    var isBlank: Bool { self.held.isEmpty }

    /// The value; a blank one as long as nothing was written.
    var wrappedValue: Value {
        // Yielded and not returned: a copy would retain everything that the part holds.
        _read {
            if self.held.isEmpty { yield Value.blank } else { yield self.held[0] }
        }
        _modify {
            if self.held.isEmpty { self.held.append(Value.blank) }
            yield &self.held[0]
        }
    }

    static func == (lhs: Rare, rhs: Rare) -> Bool { lhs.wrappedValue == rhs.wrappedValue }

    func hash(into hasher: inout Hasher) { hasher.combine(self.wrappedValue) }
}

/// A part that may be ``Rare``.
protocol RarePart: Hashable, Sendable {
    /// The part of a case in which nothing of the kind happened.
    static var blank: Self { get }
}

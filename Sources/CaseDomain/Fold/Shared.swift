/// A value behind one reference, so that handing it on costs the same whatever it holds. Changing
/// it makes a new one: for what is read far more often than it is changed.
struct Shared<Value: Hashable & Sendable>: Hashable, Sendable {
    private final class Box: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    private var box: Box

    /// The value.
    var value: Value {
        get { self.box.value }
        set { self.box = Box(newValue) }
    }

    init(_ value: Value) { self.box = Box(value) }

    static func == (lhs: Shared, rhs: Shared) -> Bool {
        lhs.box === rhs.box || lhs.box.value == rhs.box.value
    }

    func hash(into hasher: inout Hasher) { hasher.combine(self.box.value) }
}

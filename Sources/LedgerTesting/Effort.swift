/// How much of a long property is tried. A debug build, which runs several times as long, tries a
/// part: its traps and checks show in the first rounds. An optimised build tries all.
public enum Effort {
    /// Whether the tests were built without the optimiser.
    public static var isDebug: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }

    /// `count` rounds; in a debug build a third of them, at least one.
    public static func rounds(_ count: Int) -> Int { Self.isDebug ? max(count / 3, 1) : count }

    /// All of `arguments`; in a debug build the first third, at least one.
    public static func some<Argument>(of arguments: some Collection<Argument>) -> [Argument] {
        Array(arguments.prefix(Self.rounds(arguments.count)))
    }
}

extension SectionReference {
    /// Whether a sealed section may have `count` bytes, salt and tag included: 256, 496, 1,008,
    /// 2,000, 4,080, then doubling, at most ``bytesMax`` (PRIVACY.md 1).
    public static func isSizeClass(_ count: Int) -> Bool { Self.sizeClass(holding: count) == count }

    /// The smallest size class of at least `count` bytes; `nil` if there is none.
    public static func sizeClass(holding count: Int) -> Int? {
        guard count <= Self.bytesMax else { return nil }
        if let size = Self.smallSizes.first(where: { count <= $0 }) { return size }
        var size = Self.doublingSize
        while size < count { size *= 2 }
        return size <= Self.bytesMax ? size : nil
    }

    /// So chosen that no section spills into one more page of the store.
    private static let smallSizes = [256, 496, 1_008, 2_000, doublingSize]
    private static let doublingSize = 4_080
}

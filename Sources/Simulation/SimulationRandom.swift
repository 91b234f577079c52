internal import Glibc
internal import LedgerTypes

/// The chance of a simulation: the same numbers for the same seed and stream, on every machine
/// (SplitMix64).
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SimulationRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts stream `stream` of `seed`; streams do not depend on one another.
    init(seed: UInt64, stream: UInt64) {
        self.state = seed
        let first = self.next()
        self.state = first ^ (stream &* 0xD134_2543_DE82_EF95)
        self.state = self.next()
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0, less than 1.
    mutating func unit() -> Double {
        Double(self.next() >> 11) / 9_007_199_254_740_992
    }

    /// Whether something happens that happens with this probability.
    mutating func happens(_ probability: Double) -> Bool { self.unit() < probability }

    /// A number from 0 to below `bound`.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(self.next() % UInt64(bound))
    }

    /// One of the elements.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[self.below(elements.count)]
    }

    /// The index of a weight, each as often as it weighs.
    mutating func weighted(_ weights: [Double]) -> Int {
        var left = self.unit() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return index }
        }
        return weights.count - 1
    }

    /// Exponentially distributed around `mean`, never more than eight times as much.
    mutating func exponential(_ mean: Double) -> Double {
        min(-log(1 - self.unit()), 8) * mean
    }

    /// Weibull distributed: many early failures where `shape` is below 1, wear where it is above.
    mutating func weibull(shape: Double, scale: Double) -> Double {
        scale * pow(-log(1 - self.unit()), 1 / shape)
    }

    /// A UUIDv7 whose time is `time`.
    mutating func eventID(_ time: Timestamp) -> EventID {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(self.next())
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: self.next()))
        return EventID(unixMilliseconds: time.milliseconds, random: bytes.span)
    }
}

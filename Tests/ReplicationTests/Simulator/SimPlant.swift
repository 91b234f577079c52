/// A bug that a test plants to see whether the simulator catches it. It sits in the simulated
/// site around the session, so that nothing shipped knows of it.
enum SimPlant: String, CaseIterable, Sendable {
    /// Says that packages are on disk before they are.
    case acknowledgesBeforeCommit
    /// Takes packages without looking at their proofs.
    case skipsTheProof
    /// Believes what the peer's VECTOR said the last time.
    case trustsTheRememberedVector
    /// Goes on appending after its directory was restored from a backup.
    case reusesIndexAfterRestore
}

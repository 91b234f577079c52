import Glibc
import LedgerTypes

/// The vectors that bundles were made since, one for each site: files in the ledger's directory,
/// signed by those sites. Deleting them loses nothing.
struct KnownVectors {
    private let directory: String

    init(ledger: String) { self.directory = ledger + "/vectors" }

    /// The vector in a file, or the one that a site gave last.
    func read(_ name: String) throws(CommandFailure) -> [UInt8] {
        if unsafe access(name, F_OK) == 0 || SiteName(name) == nil {
            return try FileInput.bytes(of: name, max: BundleFiles.vectorBytesMax)
        }
        let path = self.path(of: name)
        guard unsafe access(path, F_OK) == 0 else {
            throw CommandFailure(
                "there is no file \(name), and no vector of a site \(name) was given yet",
                nextStep: "caseledger bundle receipt --output FILE there, and --since FILE here",
                exit: .noInput
            )
        }
        return try FileInput.bytes(of: path, max: BundleFiles.vectorBytesMax)
    }

    /// Keeps a vector for the next bundle.
    func remember(_ vector: [UInt8], of site: String) throws(CommandFailure) {
        guard unsafe mkdir(self.directory, 0o755) == 0 || errno == EEXIST else {
            throw CommandFailure("\(self.directory): \(errorText(errno))", exit: .cannotCreate)
        }
        let file = try OutputFile(path: self.path(of: site), atomically: true)
        try file.write(vector)
        try file.close()
    }

    /// A name of any site as a file's: FNV-1a, 64 bits.
    private func path(of site: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in site.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\(self.directory)/\(String(hash, radix: 16)).vector"
    }
}

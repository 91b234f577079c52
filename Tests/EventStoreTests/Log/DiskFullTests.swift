import Foundation
import Glibc
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

/// A file system of a few megabytes, for as long as it is held.
private struct SmallDisk: ~Copyable {
    /// Whether this process may mount one.
    static let isPermitted: Bool = {
        guard let path = try? TemporaryDirectory.make() else { return false }
        defer { TemporaryDirectory.remove(path) }
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0 else { return false }
        return unsafe umount(path) == 0
    }()

    let path: String

    init(megabytes: Int, at path: String) throws {
        try Files.makeDirectory(path)
        let isMounted = unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0
        try #require(isMounted, "mount failed with \(errno)")
        self.path = path
    }

    deinit {
        _ = unsafe umount2(self.path, CInt(MNT_DETACH))
    }
}

@Suite("Full disk", .temporaryDirectory)
struct DiskFullTests {
    @Test(
        "On a full disk every request is told so, nothing is lost, and space lets it go on",
        .enabled(if: SmallDisk.isPermitted, "needs the right to mount a tmpfs")
    )
    func full() async throws {
        let root = TemporaryDirectoryTrait.current
        let disk = try SmallDisk(megabytes: 8, at: root + "/disk")
        let fixture = StoreFixture(root: disk.path)
        let store = try fixture.create { $0.mapBytes = 64 << 20 }
        let ballast = disk.path + "/ballast"
        try Files.write([UInt8](repeating: 1, count: 60_000), to: ballast + "0")
        for number in 1..<20 {
            try FileManager.default.copyItem(atPath: ballast + "0", toPath: ballast + "\(number)")
        }
        let text = String(repeating: "x", count: 20_000)
        var held = try store.currentLog().position
        var refused: AppendOutcome?
        while refused == nil {
            let outcomes = await store.append(
                (0..<4).map { _ in
                    AppendRequest(events: [fixture.event("case:a", text: text)])
                }
            )
            let failures = outcomes.compactMap(\.failure)
            #expect(failures.isEmpty || failures == Array(repeating: .diskFull, count: 4))
            if failures.isEmpty {
                held = outcomes.last?.position ?? held
            } else {
                refused = outcomes.last
            }
        }
        #expect(try store.currentLog().position == held)
        for number in 0..<20 { unsafe unlink(ballast + "\(number)") }
        let outcome = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        #expect(outcome.appended?.map(\.index) == [held.size])
        store.close()
        let leaves = try store.leaves(of: 0)
        #expect(try store.currentLog().position.root == StoreFixture.root(of: leaves))
    }
}

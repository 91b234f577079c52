internal import CNetwork
internal import Glibc

/// SIGTERM and SIGINT as something to wait for. The first one is caught; the second ends the
/// process as ever.
package final class ShutdownSignal: Sendable {
    private let readEnd: CInt
    private let thread = BlockingThread(name: "signals")

    /// Catches the signals from now on, for the whole process.
    package init() {
        self.readEnd = caseledger_catch_signals()
    }

    deinit { self.thread.stop() }

    /// Returns once a signal came.
    package func wait() async {
        let readEnd = self.readEnd
        _ = await self.thread.run {
            var byte: UInt8 = 0
            while unsafe read(readEnd, &byte, 1) < 0 && errno == EINTR {}
        }
    }
}
